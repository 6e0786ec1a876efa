#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::test {

/// What becomes of a question for a name that no file has.
enum class NameServer
{
    none,  ///< Fails at once.
    silent ///< Hangs: the resolver waits for 5 s, twice.
};

/// A process's own network, which has a loopback device and no names. The process has one thread yet.
class OwnNetwork
{
public:
    /// Moves this process there; false where it must not.
    [[nodiscard]] static bool enter(NameServer name_server)
    {
        if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 &&
            ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) {
            return false;
        }
        return start_loopback() && (name_server == NameServer::none || start_silent_name_server()) &&
               forget_names();
    }

    /// From now on `name` is that of 127.0.0.1.
    static void add_name(const std::string& name)
    {
        std::ofstream("/etc/hosts", std::ios::app) << "127.0.0.1 " << name << '\n';
    }

private:
    static bool start_loopback()
    {
        const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ifreq loopback{};
        std::string("lo").copy(loopback.ifr_name, sizeof loopback.ifr_name - 1);
        loopback.ifr_flags = IFF_UP | IFF_RUNNING;
        const bool up = ::ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
        ::close(any);
        return up;
    }

    // Open until the process ends.
    static bool start_silent_name_server()
    {
        const int name_server = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(53);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::bind(name_server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

    static bool forget_names()
    {
        char directory[] = "/tmp/drukbox-network-XXXXXX";
        if (::mkdtemp(directory) == nullptr ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("tmpfs", directory, "tmpfs", 0, nullptr) != 0) {
            return false;
        }
        const std::string base = directory;
        std::ofstream(base + "/resolv.conf") << "nameserver 127.0.0.1\n";
        std::ofstream(base + "/nsswitch.conf") << "hosts: files dns\n";
        std::ofstream(base + "/hosts") << "127.0.0.1 localhost\n";
        bool bound = true;
        for (const std::string file : {"/resolv.conf", "/nsswitch.conf", "/hosts"}) {
            bound = bound &&
                    ::mount((base + file).c_str(), ("/etc" + file).c_str(), nullptr, MS_BIND, nullptr) == 0;
        }
        ::umount2(directory, MNT_DETACH);
        ::rmdir(directory);
        return bound;
    }
};

/// Tests that run in processes of their own, started afresh, each in a network of its own.
class OwnNetworkTest : public testing::Test
{
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

    /// Runs `body` there. Its failures are this test's.
    static void run_there(NameServer name_server, void (*body)())
    {
        bool entered = true;
        const auto ended_well = [&](int status) {
            entered = !WIFEXITED(status) || WEXITSTATUS(status) != cannot_enter;
            return !entered || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
        };
        EXPECT_EXIT(enter_and_run(name_server, body), ended_well, "");
        if (!entered) {
            GTEST_SKIP() << "no namespaces here";
        }
    }

private:
    static constexpr int cannot_enter = 77;

    [[noreturn]] static void enter_and_run(NameServer name_server, void (*body)())
    {
        if (!OwnNetwork::enter(name_server)) {
            ::_exit(cannot_enter);
        }
        body();
        const testing::TestResult& result = *testing::UnitTest::GetInstance()->current_test_info()->result();
        for (int i = 0; i < result.total_part_count(); ++i) {
            std::fprintf(stderr, "%s\n", result.GetTestPartResult(i).message());
        }
        ::_exit(result.Failed() ? 1 : 0); // without the threads of a resolver that hangs
    }
};

} // namespace drukbox::test
