#include "local/connect.hpp"
#include "local/sandbox_test.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

/// Another user of this machine, who makes one connection after another and never logs in. Each says more
/// than who does log in, so that it looks the more serious of the two.
class Stranger
{
public:
    explicit Stranger(const service::Vm& vm)
        : thread_([this, vm] { flood(vm); })
    {
    }

    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

    ~Stranger()
    {
        stop_ = true;
        thread_.join();
    }

    [[nodiscard]] int connections() const noexcept { return connections_; }

private:
    void flood(const service::Vm& vm)
    {
        // Of this thread only; whose a socket is, is decided by it.
        constexpr uid_t nobody_else = 1'869'999'999;
        ::setfsuid(nobody_else);
        // A packet that is longer than what follows, and of a size that one may have: sshd waits for the
        // rest.
        std::string words = "SSH-2.0-stranger\r\n";
        words += {'\0', '\0', '\x7d', '\x04'};
        words.resize(16'000, 'x');
        std::vector<posix::UniqueFd> sockets(80);
        for (std::size_t next = 0; !stop_; next = (next + 1) % sockets.size()) {
            sockets[next] = connect_to(vm);
            (void)::send(sockets[next].get(), words.data(), words.size(), MSG_NOSIGNAL);
            // The banner, or the end: it has been accepted.
            std::array<char, 64> banner{};
            (void)::recv(sockets[next].get(), banner.data(), banner.size(), 0);
            ++connections_;
        }
    }

    std::atomic<bool> stop_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

class KeeperTest : public SandboxTest
{
};

TEST_F(KeeperTest, AStrangersFloodGetsInNobodysWayButItsOwn)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can be another user";
    }
    settings_.pids = 512;
    settings_.memory_mb = 1024;
    restart_service();
    const service::Vm vm = create();
    const Stranger stranger{vm};
    ASSERT_TRUE(eventually([&] { return stranger.connections() > 80; }, std::chrono::seconds{90}));
    for (int i = 0; i < 3; ++i) {
        const int before = stranger.connections();
        const Outcome outcome = ssh(vm, {"echo in"});
        EXPECT_EQ(outcome.out, "in\n") << outcome.err;
        EXPECT_TRUE(eventually([&] { return stranger.connections() > before; }, std::chrono::seconds{60}));
    }
}

TEST_F(KeeperTest, ConnectionsBeyondItsDescriptorsEndOnlyThemselves)
{
    // Who was turned away leaves a process inside, which takes a moment to end.
    settings_.pids = 512;
    restart_service();
    const service::Vm vm = create();
    const int keeper = keeper_pid(vm.name);
    int limited = 0;
    for (const int pid : process_tree(keeper)) {
        if (!status_of(pid)["Name"].starts_with("drukbox-")) {
            continue;
        }
        rlimit files{};
        ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, nullptr, &files), 0);
        files.rlim_cur = 80;
        ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, &files, nullptr), 0);
        ++limited;
    }
    EXPECT_EQ(limited, 2);
    std::vector<posix::UniqueFd> silent(40);
    for (posix::UniqueFd& connection : silent) {
        connection = connect_to(vm);
    }
    // One that comes while their descriptors are still on their way may be among those that end.
    EXPECT_TRUE(eventually([&] { return ssh(vm, {"echo in"}).out == "in\n"; }));
    EXPECT_EQ(keeper_pid(vm.name), keeper);
}

TEST_F(KeeperTest, KeepsNoPrivilegeThatItDoesNotNeed)
{
    const service::Vm vm = create();
    const auto capabilities = [](const std::string& set) { return std::stoull(set, nullptr, 16); };
    const std::uint64_t ours = capabilities(status_of(::getpid()).at("CapPrm"));
    const std::uint64_t needed = 1ULL << CAP_KILL;
    auto keeper = status_of(keeper_pid(vm.name));
    EXPECT_EQ(capabilities(keeper["CapPrm"]), ours & needed);
    EXPECT_EQ(capabilities(keeper["CapEff"]), ours & needed);
    EXPECT_EQ(capabilities(keeper["CapInh"]), 0U);
    if ((ours & 1ULL << CAP_SETPCAP) != 0) {
        EXPECT_EQ(capabilities(keeper["CapBnd"]), 0U);
    }
    EXPECT_EQ(keeper["NoNewPrivs"], "1");
    EXPECT_EQ(keeper["Seccomp"], "2");
}

TEST_F(KeeperTest, IsAPositionIndependentProgramWithoutWritableTables)
{
    for (const char* const program : {"drukbox-keeper", "drukbox-guest"}) {
        const Outcome elf = run_command({"readelf", "-hld", (settings_.program_dir / program).string()});
        ASSERT_EQ(elf.exit_code, 0) << elf.err;
        EXPECT_THAT(elf.out, testing::HasSubstr("DYN (Position-Independent Executable file)")) << program;
        EXPECT_THAT(elf.out, testing::HasSubstr("GNU_RELRO")) << program;
        EXPECT_THAT(elf.out, testing::HasSubstr("BIND_NOW")) << program;
        EXPECT_THAT(elf.out, testing::Not(testing::HasSubstr("INTERP"))) << program;
        EXPECT_THAT(elf.out, testing::Not(testing::HasSubstr("(NEEDED)"))) << program;
    }
}

} // namespace
} // namespace drukbox::test
