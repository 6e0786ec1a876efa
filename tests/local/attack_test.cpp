#include "local/connect.hpp"
#include "local/sandbox_test.hpp"
#include "posix/file.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

/// A port of this machine that nobody inside may reach.
class Listener
{
public:
    Listener()
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        socklen_t length = sizeof(address);
        if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            ::listen(socket_.get(), 16) != 0 ||
            ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
            throw posix::failure("listener");
        }
        port_ = ntohs(address.sin_port);
    }

    [[nodiscard]] std::string port() const { return std::to_string(port_); }

    [[nodiscard]] bool was_reached() const
    {
        pollfd entry{socket_.get(), POLLIN, 0};
        return ::poll(&entry, 1, 0) == 1;
    }

private:
    posix::UniqueFd socket_;
    std::uint16_t port_ = 0;
};

/// A sandbox with hostile code in it.
class AttackTest : public SandboxTest
{
protected:
    void SetUp() override { vm_ = create_attacked(spec()); }

    service::Vm create_attacked(service::VmSpec wanted)
    {
        service::Vm vm = create(std::move(wanted));
        const Outcome put = ssh(vm, {"cat > attacker && chmod 755 attacker"}, attacker_program());
        EXPECT_EQ(put.exit_code, 0) << put.err;
        return vm;
    }

    /// `NAME RESULT` lines to a map; an attack that did not run has no lines, and at() throws.
    std::map<std::string, std::string> attack(const std::string& arguments)
    {
        const Outcome outcome = ssh(vm_, {"./attacker " + arguments});
        std::map<std::string, std::string> results;
        std::istringstream lines{outcome.out};
        for (std::string line; std::getline(lines, line);) {
            results[line.substr(0, line.rfind(' '))] = line.substr(line.rfind(' ') + 1);
        }
        EXPECT_FALSE(results.empty()) << outcome.err;
        return results;
    }

    void expect_alive() { EXPECT_EQ(ssh(vm_, {"echo alive"}).out, "alive\n"); }

    service::Vm vm_;
};

TEST_F(AttackTest, NoSocketInsideLeadsToTheNetworkOfTheHost)
{
    const Listener listener;
    const auto results = attack("steal-sockets " + listener.port());
    // Those of sshd; that of the acceptor, which nothing depends on, cannot be taken either.
    EXPECT_GE(std::stoi(results.at("sockets-taken")), 1);
    EXPECT_EQ(results.at("of-them-unix"), results.at("sockets-taken"));
    EXPECT_EQ(results.at("connected"), "0");
    EXPECT_EQ(results.at("take-from-init"), "EPERM");
    EXPECT_FALSE(listener.was_reached());
    expect_alive();
}

TEST_F(AttackTest, NothingThatIsSentOutOfASessionStopsTheKeeper)
{
    const int keeper = keeper_pid(vm_.name);
    // Somebody whose connection may suffer; sshd is there when it has said something.
    const posix::UniqueFd victim = connect_to(vm_);
    char banner = 0;
    ASSERT_EQ(::recv(victim.get(), &banner, 1, 0), 1);
    EXPECT_GE(std::stoi(attack("freeze-receivers").at("taken")), 2);
    EXPECT_TRUE(run(set_deadline(vm_.name, std::nullopt)));
    EXPECT_EQ(keeper_pid(vm_.name), keeper);
    expect_alive();
}

/// A relay that waits for the lock of a pipe, which a process inside holds.
class HeldPipeTest : public AttackTest
{
protected:
    void SetUp() override
    {
        AttackTest::SetUp();
        // Whose pipe it is; sshd is there when it has said something, and waits for an answer for 20 s.
        ASSERT_TRUE(eventually([this] {
            victim_ = connect_to(vm_);
            char banner = 0;
            return ::recv(victim_.get(), &banner, 1, 0) == 1 &&
                   std::stoi(attack("hold-pipes").at("taken")) >= 1;
        }));

        processes_ = process_tree(keeper_pid(vm_.name));
        const auto relay = std::find_if(processes_.begin(), processes_.end(),
                                        [](int pid) { return process_name(pid) == "drukbox-relay"; });
        ASSERT_NE(relay, processes_.end());
        relay_ = *relay;
        // The pipe is held with the first bytes in it, and the relay falls asleep over the next.
        ASSERT_TRUE(eventually([this] {
            ::send(victim_.get(), "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
            return is_asleep();
        }));
    }

    /// So that no signal wakes it.
    [[nodiscard]] bool is_asleep() const { return process_state(relay_) == "D"; }

    posix::UniqueFd victim_;
    std::vector<int> processes_;
    int relay_ = 0;
};

TEST_F(HeldPipeTest, StopsNoRenewalAndNoNeighbour)
{
    EXPECT_TRUE(run(set_deadline(vm_.name, std::nullopt)));
    const service::Vm neighbour = create();
    EXPECT_EQ(ssh(neighbour, {"echo works"}).out, "works\n");
    EXPECT_TRUE(list().at(vm_.name));
    EXPECT_TRUE(is_asleep());
}

TEST_F(HeldPipeTest, StopsNoDelete)
{
    remove(vm_.name);
    EXPECT_TRUE(all_gone(processes_));
    EXPECT_FALSE(std::filesystem::exists(directory(vm_.name)));
}

TEST_F(HeldPipeTest, StopsNoEndOfALeaseWithoutAService)
{
    run(set_deadline(vm_.name, std::chrono::time_point_cast<std::chrono::microseconds>(
                                   std::chrono::system_clock::now() + std::chrono::seconds{2})));
    provider_.reset();
    EXPECT_TRUE(all_gone(processes_));
    EXPECT_FALSE(std::filesystem::exists(directory(vm_.name)));
    restart_service();
}

TEST_F(AttackTest, ThereIsNoRouteOut)
{
    const Listener listener;
    EXPECT_EQ(attack("connect 127.0.0.1 " + listener.port()).at("connect"), "ECONNREFUSED");
    EXPECT_EQ(attack("connect 192.0.2.1 80").at("connect"), "ENETUNREACH");
    EXPECT_EQ(attack("connect 169.254.169.254 80").at("connect"), "ENETUNREACH");
    EXPECT_FALSE(listener.was_reached());
    EXPECT_EQ(ssh(vm_, {"cat /proc/net/dev | grep -c :"}).out, "1\n");
}

TEST_F(AttackTest, NoCapabilityAndNoWayToGainOne)
{
    const std::string status = ssh(vm_, {"cat /proc/self/status /proc/1/status"}).out;
    int sets = 0;
    std::istringstream lines{status};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("Cap")) {
            continue;
        }
        ++sets;
        EXPECT_THAT(line, testing::EndsWith("\t0000000000000000"));
    }
    EXPECT_EQ(sets, 10);
    EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
    EXPECT_THAT(status, HasSubstr("Seccomp:\t2"));
}

TEST_F(AttackTest, NoNamespaceAndNoMount)
{
    const auto results = attack("namespaces");
    EXPECT_EQ(results.at("clone3"), "ENOSYS");
    for (const char* const attempt : {"unshare-user", "unshare-mount", "unshare-net", "clone-user", "setns",
                                      "mount", "remount", "umount", "chroot", "open_tree", "fsopen"}) {
        EXPECT_EQ(results.at(attempt), "EPERM") << attempt;
    }
}

TEST_F(AttackTest, RiskySystemCallsAreRefused)
{
    const auto results = attack("system-calls");
    EXPECT_EQ(results.size(), 13U);
    for (const auto& [call, result] : results) {
        EXPECT_EQ(result, "EPERM") << call;
    }
}

TEST_F(AttackTest, OnlySocketsThatNamespacesDivideCanBeMade)
{
    const auto results = attack("families");
    EXPECT_EQ(results.at("inet"), "ok");
    EXPECT_EQ(results.at("raw"), "EPERM");
    EXPECT_EQ(results.size(), 23U);
    for (const auto& [family, result] : results) {
        const bool divided = family == "inet" || family == "raw";
        EXPECT_TRUE(divided || result == "EAFNOSUPPORT") << family << ": " << result;
    }
}

TEST_F(AttackTest, OnlyTheUsualProtocolsCanBeUsed)
{
    const auto results = attack("protocols");
    EXPECT_EQ(results.size(), 3U + 2 * 8 + 2 * (2 * 6 + 3));
    for (const auto& [protocol, result] : results) {
        if (protocol == "tcp" || protocol == "udp" || protocol == "netlink-route") {
            EXPECT_EQ(result, "ok") << protocol;
        } else if (protocol.starts_with("type-")) {
            EXPECT_EQ(result, "ESOCKTNOSUPPORT") << protocol;
        } else {
            EXPECT_EQ(result, "EPROTONOSUPPORT") << protocol;
        }
    }
}

TEST_F(AttackTest, SystemCallsThatAreNewerThanTheFilterAreAbsent)
{
    const auto results = attack("later-calls");
    EXPECT_EQ(results.size(), 3U);
    for (const auto& [call, result] : results) {
        EXPECT_EQ(result, "ENOSYS") << call;
    }
}

/// By name whatever has something in it, processes and links aside.
TEST_F(AttackTest, ProcShowsLittleOfTheMachine)
{
    const char* const list =
        "cd /proc; for f in [a-zA-Z]*; do test -h $f && continue; "
        "if test -d $f; then test -n \"$(ls $f)\"; else head -c 1 $f 2>&1 | grep -q ''; fi "
        "&& echo $f; done";
    EXPECT_EQ(ssh(vm_, {list}).out,
              "cpuinfo\nfilesystems\nloadavg\nmeminfo\nstat\nsys\nsysvipc\nuptime\nversion\n");
    EXPECT_EQ(ssh(vm_, {"cd /proc/sys; cat fs/file-nr fs/inode-nr kernel/pty/nr kernel/ostype"}).out,
              "Linux\n");
    // What needs the rest works.
    EXPECT_EQ(ssh(vm_, {"ps -o args= -p $$ >/dev/null && ps -e | grep -c guest"}).out, "1\n");
}

TEST_F(AttackTest, OtherSystemCallAbisEndTheProcess)
{
#ifdef __x86_64__
    const auto results = attack("foreign-abis");
    EXPECT_EQ(results.at("x32"), "SYS");
    EXPECT_THAT(results.at("i386"), AnyOf("SYS", "SEGV"));
#else
    GTEST_SKIP() << "this processor has no other";
#endif
}

TEST_F(AttackTest, NothingCanBeTypedIntoATerminal)
{
    const auto results = attack("terminal");
    EXPECT_EQ(results.at("tcgets"), "ok");
    for (const char* const attempt : {"tiocsti", "tiocsti-high-bits", "tioclinux"}) {
        EXPECT_EQ(results.at(attempt), "EPERM") << attempt;
    }
}

TEST_F(AttackTest, OnlyItsOwnProcessesAreThereAndTheFirstCannotBeTouched)
{
    const auto results = attack("other-processes");
    // init, sshd and its session's two, a shell, the attacker.
    EXPECT_LE(std::stoi(results.at("processes")), 8);
    EXPECT_EQ(results.at("trace-init"), "EPERM");
    EXPECT_EQ(results.at("init-memory"), "EACCES");
    EXPECT_EQ(results.at("init-root"), "EACCES");
    expect_alive();
}

TEST_F(AttackTest, KillingEverythingInsideLeavesTheSandboxUsable)
{
    (void)ssh(vm_, {"kill -9 -1"});
    expect_alive();
}

TEST_F(AttackTest, NoDescriptorOfTheOutsideIsInside)
{
    const Outcome outcome = ssh(vm_, {"./attacker descriptors"});
    EXPECT_THAT(outcome.out, HasSubstr("fd "));
    std::istringstream lines{outcome.out};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string word;
        std::string target;
        words >> word >> word >> word >> target;
        EXPECT_TRUE(target.starts_with("pipe:") || target.starts_with("socket:") ||
                    target.starts_with("/dev/null") || target.starts_with("/dev/pt") ||
                    target.starts_with("anon_inode:") || target.starts_with("/proc/"))
            << line;
    }
}

TEST_F(AttackTest, ADescriptorThatTheServiceLeavesOpenIsNotPassedOn)
{
    const posix::UniqueFd leak{::open("/etc/passwd", O_RDONLY)}; // without O_CLOEXEC
    ASSERT_TRUE(leak);
    const service::Vm vm = create();
    const std::vector<int> processes = process_tree(keeper_pid(vm.name));
    EXPECT_GE(processes.size(), 3U);
    int seen = 0;
    for (const int pid : processes) {
        std::error_code gone;
        for (const auto& entry :
             std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
            ++seen;
            EXPECT_NE(std::filesystem::read_symlink(entry.path(), gone), "/etc/passwd") << pid;
        }
    }
    EXPECT_GE(seen, 8);
}

TEST_F(AttackTest, NoFileOfTheServiceOfANeighbourOrOfTheHostIsInside)
{
    service::VmSpec secretive = spec();
    secretive.env["SECRET"] = service::Redacted{"neighbours-secret"};
    const service::Vm neighbour = create(secretive);
    const char* const home = std::getenv("HOME");
    const std::string paths = "/root /etc/shadow /etc/ssh /etc/ssl/private /sys " +
                              (home ? std::string{home} : "") + " " + settings_.state_dir.string() + " " +
                              directory(neighbour.name).string() + " " + files_.path.string() + " " +
                              settings_.program_dir.string() + " " + client_key_;
    for (const auto& [path, result] : attack("open " + paths)) {
        EXPECT_THAT(result, AnyOf("ENOENT", "EACCES")) << path;
    }

    // By the eyes of everybody inside.
    const std::string search =
        "env; cat /proc/*/environ /proc/*/cmdline /etc/drukbox/env; ls /home /tmp /run /dev/shm; "
        "cat /proc/net/unix; ls /proc/sys/fs/binfmt_misc";
    const std::string seen = ssh(vm_, {search}).out;
    EXPECT_THAT(seen, HasSubstr("HOME=/home/sandbox"));
    EXPECT_THAT(seen, Not(HasSubstr("neighbours-secret")));
    EXPECT_THAT(seen, Not(HasSubstr(neighbour.name)));
    EXPECT_THAT(seen, Not(HasSubstr("drukbox-keeper")));
    EXPECT_THAT(seen, Not(HasSubstr("control")));
}

TEST_F(AttackTest, TheServicesEnvironmentIsNotInside)
{
    ::setenv("DRUKBOX_TEST_SECRET", "services-secret", 1);
    vm_ = create_attacked(spec());
    const std::string seen = ssh(vm_, {"env; cat /proc/*/environ"}).out;
    ::unsetenv("DRUKBOX_TEST_SECRET");
    EXPECT_THAT(seen, HasSubstr("HOME=/home/sandbox"));
    EXPECT_THAT(seen, Not(HasSubstr("services-secret")));
}

TEST_F(AttackTest, WhatIsNotItsOwnCannotBeWritten)
{
    const Outcome outcome = ssh(vm_, {"./attacker writable-directories | sort"});
    EXPECT_EQ(outcome.out, "writable /dev/shm\nwritable /home/sandbox\nwritable /run\nwritable /tmp\n"
                           "writable /var/tmp\n");
    EXPECT_EQ(ssh(vm_, {"find /proc/sys -writable -type f 2>/dev/null | while read f; do "
                        "cat \"$f\" > /tmp/v 2>/dev/null && cat /tmp/v 2>/dev/null > \"$f\" && echo \"$f\"; "
                        "done; echo end"})
                  .out,
              "end\n");
}

/// With a neighbour that must not notice.
class ExhaustionTest : public AttackTest
{
protected:
    void SetUp() override
    {
        AttackTest::SetUp();
        neighbour_ = create();
    }

    void expect_neighbour_and_service_work()
    {
        EXPECT_EQ(ssh(neighbour_, {"echo works"}).out, "works\n");
        const service::Vm another = create();
        EXPECT_EQ(ssh(another, {"echo works"}).out, "works\n");
        remove(another.name);
    }

    service::Vm neighbour_;
};

TEST_F(ExhaustionTest, AForkBombIsBounded)
{
    std::future<Outcome> bomb =
        std::async(std::launch::async, [this] { return ssh(vm_, {"./attacker fork-bomb"}); });
    const std::vector<std::string> groups = cgroups(vm_.name);
    EXPECT_TRUE(eventually([&] { return process_tree(keeper_pid(vm_.name)).size() > 100; }));
    expect_neighbour_and_service_work();
    EXPECT_LE(process_tree(keeper_pid(vm_.name)).size(), settings_.pids + 4);
    remove(vm_.name);
    const Outcome outcome = bomb.get();
    EXPECT_THAT(outcome.out, HasSubstr("fork EAGAIN"));
}

TEST_F(ExhaustionTest, DescriptorsOnTheirWayStopNoHandOver)
{
    constexpr int many = 3000;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < 4 * many) {
        GTEST_SKIP() << "nobody here may open so many";
    }
    EXPECT_GE(std::stoi(attack("descriptors-in-flight " + std::to_string(many)).at("in-flight")), many);
    expect_neighbour_and_service_work();
    expect_alive();
}

/// What the kernel counts by user, by the name that attacker.cpp has for it.
class CounterTest : public ExhaustionTest, public testing::WithParamInterface<const char*>
{
protected:
    void SetUp() override
    {
        // All the watches of a user take 4 % of the machine's memory; none of it is to run out before them.
        settings_.memory_mb = 0;
        restart_service();
        ExhaustionTest::SetUp();
    }

    /// Counted by the uid of the machine and by nothing smaller.
    static bool needs_uids(const std::string& what)
    {
        return what == "epoll" || what == "pipes" || what == "in-flight";
    }

    void put_attacker_into_neighbour()
    {
        const Outcome put = ssh(neighbour_, {"cat > attacker && chmod 755 attacker"}, attacker_program());
        EXPECT_EQ(put.exit_code, 0) << put.err;
    }
};

TEST_P(CounterTest, IsNotUsedUpByANeighbour)
{
    const std::string what = GetParam();
    if (needs_uids(what) && !has_uids()) {
        GTEST_SKIP() << "one uid for all";
    }
    put_attacker_into_neighbour();
    const std::string took = what == "in-flight" ? attack("descriptors-in-flight 6000").at(what)
                                                 : attack("use-up " + what).at("taken");
    EXPECT_GE(std::stol(took), 1);
    EXPECT_THAT(ssh(neighbour_, {"./attacker use-one-of-each"}).out, HasSubstr(what + " ok\n"));
    expect_neighbour_and_service_work();
    expect_alive();
}

INSTANTIATE_TEST_SUITE_P(All, CounterTest,
                         testing::Values("inotify", "epoll", "pipes", "timers", "queues", "in-flight"),
                         [](const auto& what) {
                             return what.param == std::string{"in-flight"} ? std::string{"inflight"}
                                                                           : std::string{what.param};
                         });

TEST_F(ExhaustionTest, EverySandboxHasAUidOfItsOwnWhereThereAreSome)
{
    const auto uids_of = [](const service::Vm& vm) {
        std::set<std::string> uids;
        for (const int pid : process_tree(keeper_pid(vm.name))) {
            if (auto status = status_of(pid); !status["Name"].starts_with("drukbox-")) {
                std::istringstream ids{status["Uid"] + " " + status["Gid"]};
                uids.insert(std::istream_iterator<std::string>{ids}, {});
            }
        }
        return uids;
    };
    const std::set<std::string> ours = uids_of(vm_);
    const std::set<std::string> theirs = uids_of(neighbour_);
    const std::string service = std::to_string(::geteuid());
    ASSERT_FALSE(ours.empty());
    ASSERT_FALSE(theirs.empty());
    if (!has_uids()) {
        EXPECT_TRUE(ours.contains(service));
        return;
    }
    for (const std::string& uid : ours) {
        EXPECT_FALSE(theirs.contains(uid)) << uid;
    }
    EXPECT_FALSE(ours.contains(service));
    EXPECT_FALSE(theirs.contains(service));
    // Neither groups of the service's user.
    for (const int pid : process_tree(keeper_pid(vm_.name))) {
        if (auto status = status_of(pid); !status["Name"].starts_with("drukbox-")) {
            EXPECT_EQ(status["Groups"], "") << status["Name"];
        }
    }
}

/// By somebody without its system call filter, who may enter it from outside.
TEST_F(AttackTest, TheKernelHasNoFurtherUserNamespaceForIt)
{
    const Outcome outcome = run_command({"nsenter", "--target", std::to_string(first_process(vm_)), "--user",
                                         "--preserve-credentials", "unshare", "--user", "true"});
    EXPECT_NE(outcome.exit_code, 0);
    EXPECT_THAT(outcome.err, HasSubstr("No space left on device"));
}

TEST_F(AttackTest, NothingInOrAroundASandboxCanGainPrivileges)
{
    int seen = 0;
    for (const int pid : process_tree(keeper_pid(vm_.name))) {
        if (auto status = status_of(pid); !status.empty()) {
            ++seen;
            EXPECT_EQ(status["NoNewPrivs"], "1") << status["Name"];
        }
    }
    EXPECT_GE(seen, 4);
}

TEST_F(ExhaustionTest, AMemoryHogIsEndedInItsOwnSandbox)
{
    const auto results = attack("memory-hog 2048");
    EXPECT_THAT(results.at("hog"), AnyOf("KILL", "refused"));
    expect_neighbour_and_service_work();
    expect_alive();
}

TEST_F(ExhaustionTest, EveryWritablePlaceHasASize)
{
    std::istringstream places{ssh(vm_, {"./attacker writable-directories"}).out};
    int found = 0;
    std::string word;
    for (std::string path; places >> word >> path;) {
        ++found;
        const long filled = std::stol(attack("fill " + path).at("filled"));
        EXPECT_GE(filled, 1) << path;
        EXPECT_LE(filled, 64) << path;
    }
    EXPECT_EQ(found, 5);
    expect_neighbour_and_service_work();
}

TEST_F(ExhaustionTest, MakingFilesEndsAtACount)
{
    // A file for each 8 KB of the file system's size.
    const std::map<std::string, int> sizes_mb{
        {"/dev/shm", 32}, {"/home/sandbox", 64}, {"/run", 64}, {"/tmp", 32}, {"/var/tmp", 32}};
    for (const auto& [path, megabytes] : sizes_mb) {
        const auto results = attack("make-files " + path);
        EXPECT_EQ(results.at("make-file"), "ENOSPC") << path;
        EXPECT_LE(std::stol(results.at("files")), megabytes * 128L) << path;
        EXPECT_GE(std::stol(results.at("files")), megabytes * 100L) << path;
    }
    expect_neighbour_and_service_work();
    expect_alive();
}

TEST_F(ExhaustionTest, MakingTerminalsEndsAtACount)
{
    const auto results = attack("make-terminals");
    EXPECT_EQ(results.at("make-terminal"), "ENOSPC");
    EXPECT_LE(std::stoi(results.at("terminals")), 64);
    EXPECT_GE(std::stoi(results.at("terminals")), 32);
}

} // namespace
} // namespace drukbox::test
