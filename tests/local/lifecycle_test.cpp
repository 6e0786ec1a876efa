#include "local/sandbox_test.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>

#include <sys/mount.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

using service::ProviderError;
using service::VmNotFound;
using wire::Timestamp;

Timestamp from_now(std::chrono::milliseconds time)
{
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now() + time);
}

/// What a throwing call said.
template <class Error>
std::string error_of(const std::function<void()>& call)
{
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "(no error)";
}

bool none_exists(const std::vector<int>& processes)
{
    return std::none_of(processes.begin(), processes.end(), process_exists);
}

class LifecycleTest : public SandboxTest
{
protected:
    void set_deadline(const std::string& name, std::optional<Timestamp> deadline)
    {
        run(SandboxTest::set_deadline(name, deadline));
    }
};

TEST_F(LifecycleTest, ACommandRunsOverSshWithItsExitCode)
{
    const service::Vm vm = create();
    const Outcome outcome = ssh(vm, {"echo out; echo err >&2; id -un; hostname; pwd; exit 7"});
    EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
    EXPECT_EQ(outcome.out, "out\nsandbox\n" + vm.name + "\n/home/sandbox\n");
    EXPECT_EQ(outcome.err, "err\n");
}

TEST_F(LifecycleTest, RemoveLeavesNothing)
{
    const service::Vm vm = create();
    const int keeper = keeper_pid(vm.name);
    ASSERT_NE(keeper, 0);
    ASSERT_EQ(
        ssh(vm,
            {"nohup sleep 1000 >/dev/null 2>&1 </dev/null & setsid sleep 1000 >/dev/null 2>&1 </dev/null &"})
            .exit_code,
        0);
    const std::vector<int> processes = process_tree(keeper);
    EXPECT_GE(processes.size(), 5U);
    const std::vector<std::string> groups = cgroups(vm.name);

    remove(vm.name);
    EXPECT_TRUE(none_exists(processes));
    EXPECT_FALSE(std::filesystem::exists(directory(vm.name)));
    for (const std::string& group : groups) {
        EXPECT_FALSE(std::filesystem::exists(group)) << group;
    }
    EXPECT_EQ(run_command({"grep", "-c", vm.name, "/proc/self/mountinfo"}).out, "0\n");
    EXPECT_TRUE(list().empty());
    EXPECT_NE(ssh(vm, {"true"}).exit_code, 0);
}

TEST_F(LifecycleTest, RemovingWhatIsNotThereSucceeds)
{
    EXPECT_NO_THROW(remove("sb-000000000000"));
}

TEST_F(LifecycleTest, NamesThatAreNoFileNamesAreRefused)
{
    for (const char* const name : {"", "..", "a/b", "/etc", "-x", "a b", "a\nb"}) {
        service::VmSpec bad = spec();
        bad.name = name;
        EXPECT_THROW(create(bad), ProviderError) << name;
        EXPECT_THROW(remove(name), ProviderError) << name;
    }
}

TEST_F(LifecycleTest, ANameIsGivenOnce)
{
    const service::VmSpec first = spec();
    const service::Vm vm = create(first);
    EXPECT_THROW(create(first), ProviderError);
    EXPECT_EQ(ssh(vm, {"true"}).exit_code, 0);
}

TEST_F(LifecycleTest, AHundredAtOnceAreAllReachableOnPortsOfTheirOwn)
{
    std::vector<std::future<service::Vm>> machines;
    for (int i = 0; i < 100; ++i) {
        machines.push_back(
            boost::asio::co_spawn(reactor_, provider_->create(spec()), boost::asio::use_future));
    }
    reactor_.restart();
    std::set<std::uint16_t> ports;
    for (auto& machine : machines) {
        while (machine.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
            reactor_.run_one();
        }
        const service::Vm vm = machine.get();
        ports.insert(vm.ssh_port);
        reach(vm);
    }
    EXPECT_EQ(ports.size(), 100U);
    EXPECT_EQ(list().size(), 100U);
}

TEST_F(LifecycleTest, ANewServiceFindsAndRemovesWhatAnotherStarted)
{
    const service::Vm vm = create();
    restart_service();
    EXPECT_EQ(list(), (std::map<std::string, bool>{{vm.name, true}}));
    EXPECT_EQ(ssh(vm, {"true"}).exit_code, 0);
    const std::vector<int> processes = process_tree(keeper_pid(vm.name));
    remove(vm.name);
    EXPECT_TRUE(none_exists(processes));
    EXPECT_TRUE(list().empty());
}

TEST_F(LifecycleTest, AKilledKeeperTakesTheSandboxWithItAndItsRemainsCanBeRemoved)
{
    const service::Vm vm = create();
    const int keeper = keeper_pid(vm.name);
    ASSERT_EQ(ssh(vm, {"nohup sleep 1000 >/dev/null 2>&1 </dev/null &"}).exit_code, 0);
    const std::vector<int> processes = process_tree(keeper);
    const std::vector<std::string> groups = cgroups(vm.name);
    ASSERT_EQ(::kill(keeper, SIGKILL), 0);
    EXPECT_TRUE(eventually([&] {
        reactor_.restart();
        reactor_.poll();
        return none_exists(processes);
    }));
    EXPECT_EQ(list(), (std::map<std::string, bool>{{vm.name, false}}));
    remove(vm.name);
    EXPECT_TRUE(list().empty());
    for (const std::string& group : groups) {
        EXPECT_FALSE(std::filesystem::exists(group)) << group;
    }
}

TEST_F(LifecycleTest, AKeeperThatIsEndingAnywayIsRemoved)
{
    const service::Vm vm = create();
    const int keeper = keeper_pid(vm.name);
    const std::vector<int> processes = process_tree(keeper);
    ::kill(keeper, SIGTERM);
    remove(vm.name);
    EXPECT_TRUE(eventually([&] {
        reactor_.restart();
        reactor_.poll();
        return none_exists(processes);
    }));
    EXPECT_TRUE(list().empty());
}

TEST_F(LifecycleTest, ASandboxWhoseFirstProcessEndsEndsAndCleansUp)
{
    const service::Vm vm = create();
    const std::vector<int> processes = process_tree(keeper_pid(vm.name));
    for (const int pid : processes) {
        std::string name; // empty for one that has ended meanwhile
        std::ifstream{"/proc/" + std::to_string(pid) + "/comm"} >> name;
        if (name == "guest") {
            ASSERT_EQ(::kill(pid, SIGKILL), 0);
        }
    }
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(directory(vm.name)); }));
    EXPECT_TRUE(list().empty());
}

TEST_F(LifecycleTest, ARemoveAtAnyMomentOfACreateLeavesNothing)
{
    for (int delay = 0; delay < 60; delay += 6) {
        const service::VmSpec wanted = spec();
        auto machine = boost::asio::co_spawn(reactor_, provider_->create(wanted), boost::asio::use_future);
        reactor_.restart();
        reactor_.run_for(std::chrono::milliseconds{delay});
        EXPECT_TRUE(eventually([&] {
            reactor_.restart();
            reactor_.poll();
            return std::filesystem::exists(directory(wanted.name) / "keeper.conf");
        }));
        remove(wanted.name);
        reactor_.restart();
        while (machine.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
            reactor_.run_one();
        }
        EXPECT_TRUE(list().empty()) << delay;
        EXPECT_EQ(keeper_pid(wanted.name), 0) << delay;
    }
}

TEST_F(LifecycleTest, RemainsOfAnUnfinishedCreateAreListedAndRemoved)
{
    std::filesystem::create_directories(directory("sb-0000000000aa") / "etc");
    std::filesystem::create_directories(directory("sb-0000000000bb") / "etc" / "drukbox");
    std::ofstream{directory("sb-0000000000bb") / "lock"};
    std::ofstream{directory("sb-0000000000bb") / "keeper.conf"} << "name sb-00";
    EXPECT_EQ(list().size(), 2U);
    remove("sb-0000000000aa");
    remove("sb-0000000000bb");
    EXPECT_TRUE(list().empty());
}

TEST_F(LifecycleTest, ASandboxEndsItselfAtItsDeadlineWithoutAService)
{
    service::VmSpec short_lived = spec();
    // Time enough to start it and to look at it, on a busy machine too.
    short_lived.deadline = from_now(std::chrono::seconds{8});
    const service::Vm vm = create(short_lived);
    const int keeper = keeper_pid(vm.name);
    ASSERT_NE(keeper, 0);
    const std::vector<int> processes = process_tree(keeper);
    provider_.reset();
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(directory(vm.name)); }));
    EXPECT_GE(std::chrono::system_clock::now(), *short_lived.deadline);
    EXPECT_TRUE(eventually([&] {
        reactor_.restart();
        reactor_.poll();
        return none_exists(processes);
    }));
    restart_service();
    EXPECT_TRUE(list().empty());
}

TEST_F(LifecycleTest, ADeadlineCanBeMovedAndLifted)
{
    service::VmSpec short_lived = spec();
    short_lived.deadline = from_now(std::chrono::seconds{60});
    const service::Vm vm = create(short_lived);
    set_deadline(vm.name, std::nullopt);
    EXPECT_EQ(ssh(vm, {"true"}).exit_code, 0);
    set_deadline(vm.name, from_now(std::chrono::milliseconds{-5}));
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(directory(vm.name)); }));
    EXPECT_TRUE(
        eventually([&] { return keeper_pid(vm.name) == 0 || (reactor_.restart(), reactor_.poll(), false); }));
    EXPECT_THROW(set_deadline(vm.name, std::nullopt), VmNotFound);
}

TEST_F(LifecycleTest, ThereIsNoDeadlineToMoveForADeadKeeper)
{
    const service::Vm vm = create();
    const int keeper = keeper_pid(vm.name);
    ::kill(keeper, SIGKILL);
    EXPECT_TRUE(eventually([&] { return !list().at(vm.name); }));
    EXPECT_THROW(set_deadline(vm.name, std::nullopt), VmNotFound);
}

TEST_F(LifecycleTest, ValuesWithNewlinesAreCarriedAndThoseWithNulRefused)
{
    service::VmSpec with_env = spec();
    with_env.env["PLAIN"] = service::Redacted{"a b"};
    with_env.env["LINES"] = service::Redacted{"one\ntwo\n\"three\" $HOME 'x'\n"};
    with_env.env["PATH"] = service::Redacted{"/home/sandbox/bin:/usr/bin"};
    with_env.env["EMPTY"] = service::Redacted{""};
    const service::Vm vm = create(with_env);
    const char* const print = "printf '%s|%s|%s|%s' \"$PLAIN\" \"$LINES\" \"$PATH\" \"${EMPTY-unset}\"";
    const std::string expected = "a b|one\ntwo\n\"three\" $HOME 'x'\n|/home/sandbox/bin:/usr/bin|";
    EXPECT_EQ(ssh(vm, {print}).out, expected);
    EXPECT_EQ(ssh(vm, {}, std::string{"exec bash -lc '"} + "printf %s \"$LINES\"'\n").out,
              "one\ntwo\n\"three\" $HOME 'x'\n");

    service::VmSpec with_nul = spec();
    with_nul.env["BAD"] = service::Redacted{std::string{"a\0b", 3}};
    EXPECT_EQ(error_of<ProviderError>([&] { create(with_nul); }),
              "env BAD holds a NUL byte, which cannot be carried");
    EXPECT_EQ(list().size(), 1U);
}

TEST_F(LifecycleTest, AMissingImageIsNamedBeforeAnythingExists)
{
    service::VmSpec lost = spec();
    for (const char* const name : {"/nowhere/at/all", "ubuntu:24.04"}) {
        lost.image = name;
        EXPECT_THAT(error_of<ProviderError>([&] { create(lost); }), testing::StartsWith("no such image: "));
    }
    EXPECT_FALSE(std::filesystem::exists(settings_.state_dir / "sandboxes"));
}

TEST_F(LifecycleTest, AMissingProgramIsNamedWithWhatHasIt)
{
    settings_.program_dir = files_.path / "empty";
    restart_service();
    const std::string missing = (files_.path / "empty/drukbox-keeper").string() + " is missing";
    EXPECT_THAT(provider_->warnings(), testing::Contains(testing::StartsWith(missing)));
    EXPECT_THAT(error_of<ProviderError>([&] { create(); }), testing::StartsWith(missing));
    const service::Diagnosis diagnosis = run(provider_->diagnose());
    EXPECT_FALSE(diagnosis.ok);
    EXPECT_THAT(diagnosis.detail, testing::StartsWith(missing));
    EXPECT_TRUE(list().empty());
}

TEST_F(LifecycleTest, TheDiagnosisTriesBwrapAndSaysWhichLimitsHold)
{
    const service::Diagnosis diagnosis = run(provider_->diagnose());
    EXPECT_TRUE(diagnosis.ok) << diagnosis.detail;
    EXPECT_THAT(diagnosis.detail, testing::StartsWith("bwrap works; memory"));
    EXPECT_THAT(diagnosis.detail, testing::HasSubstr("pids=128"));
    EXPECT_THAT(diagnosis.detail, testing::HasSubstr("home=64MB"));
}

TEST_F(LifecycleTest, APathTooLongForASocketAddressIsNoObstacle)
{
    settings_.state_dir = files_.path / std::string(100, 'a') / std::string(100, 'b');
    restart_service();
    const service::Vm vm = create();
    EXPECT_EQ(ssh(vm, {"true"}).exit_code, 0);
    set_deadline(vm.name, std::nullopt);
    remove(vm.name);
    EXPECT_TRUE(list().empty());
}

TEST_F(LifecycleTest, AStateDirectoryThatCannotBeWrittenIsAClearError)
{
    if (::geteuid() == 0) {
        std::ofstream{files_.path / "file"};
        settings_.state_dir = files_.path / "file" / "state";
    } else {
        settings_.state_dir = "/proc/sys/state";
    }
    restart_service();
    EXPECT_THAT(error_of<ProviderError>([&] { create(); }),
                testing::StartsWith("cannot prepare the sandbox: "));
    settings_.state_dir = files_.path / "state";
    restart_service();
}

/// A small file system of its own, for root.
class FullDiskTest : public LifecycleTest
{
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "only root can mount a small file system";
        }
        settings_.state_dir = files_.path / "small";
        std::filesystem::create_directory(settings_.state_dir);
        ASSERT_EQ(::mount("small", settings_.state_dir.c_str(), "tmpfs", 0, "size=1m"), 0);
        mounted_ = true;
        restart_service();
    }

    void TearDown() override
    {
        if (!mounted_) {
            return;
        }
        for (const auto& [name, running] : list()) {
            remove(name);
        }
        // Mount namespaces of other tests' sandboxes hold copies of this mount while they come and go.
        EXPECT_TRUE(eventually([this] { return ::umount(settings_.state_dir.c_str()) == 0; }));
        settings_.state_dir = files_.path / "state";
        restart_service();
    }

    bool mounted_ = false;
};

TEST_F(FullDiskTest, AFullDiskIsAClearErrorAndLeavesNothing)
{
    std::ofstream{settings_.state_dir / "filler"} << std::string(2 << 20, 'x');
    EXPECT_THAT(error_of<ProviderError>([&] { create(); }),
                testing::AllOf(testing::StartsWith("cannot prepare the sandbox: "),
                               testing::HasSubstr("No space left on device")));
    EXPECT_TRUE(list().empty());
    std::filesystem::remove(settings_.state_dir / "filler");
    EXPECT_NO_THROW(create());
}

TEST_F(FullDiskTest, AReadOnlyDiskIsAClearError)
{
    std::filesystem::create_directory(settings_.state_dir / "sandboxes");
    ASSERT_EQ(::mount(nullptr, settings_.state_dir.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    EXPECT_THAT(error_of<ProviderError>([&] { create(); }), testing::HasSubstr("Read-only file system"));
    EXPECT_TRUE(list().empty());
}

} // namespace
} // namespace drukbox::test
