#include "http/client/client.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
using Clock = std::chrono::steady_clock;

/// glibc asks each of them for 5 s, twice.
constexpr auto far_below_the_resolvers_patience = 3s;
constexpr int cannot_isolate = 77;

/// Moves this process to a network of its own, whose only name server never answers.
bool move_to_a_network_with_a_silent_name_server()
{
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 &&
        ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) {
        return false;
    }
    const int name_server = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq loopback{};
    std::string("lo").copy(loopback.ifr_name, sizeof loopback.ifr_name - 1);
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::ioctl(name_server, SIOCSIFFLAGS, &loopback) != 0 ||
        ::bind(name_server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return false;
    }
    char directory[] = "/tmp/drukbox-resolver-XXXXXX";
    if (::mkdtemp(directory) == nullptr ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", directory, "tmpfs", 0, nullptr) != 0) {
        return false;
    }
    const std::string base = directory;
    std::ofstream(base + "/resolv.conf") << "nameserver 127.0.0.1\n";
    std::ofstream(base + "/nsswitch.conf") << "hosts: files dns\n";
    const bool bound =
        ::mount((base + "/resolv.conf").c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0 &&
        ::mount((base + "/nsswitch.conf").c_str(), "/etc/nsswitch.conf", nullptr, MS_BIND, nullptr) == 0;
    ::umount2(directory, MNT_DETACH);
    ::rmdir(directory);
    return bound;
}

/// Runs `body`, which returns what went wrong, with a resolver that hangs, and ends the process.
[[noreturn]] void with_a_hung_resolver(std::string (*body)())
{
    if (!move_to_a_network_with_a_silent_name_server()) {
        ::_exit(cannot_isolate);
    }
    const std::string complaint = body();
    std::fputs(complaint.c_str(), stderr);
    ::_exit(complaint.empty() ? 0 : 1); // without the resolver's thread
}

/// Each case runs in a process of its own, started afresh.
class ClientResolverTest : public testing::Test
{
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

    void expect_success(std::string (*body)())
    {
        bool isolated = true;
        const auto ended_well = [&](int status) {
            isolated = !WIFEXITED(status) || WEXITSTATUS(status) != cannot_isolate;
            return !isolated || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
        };
        EXPECT_EXIT(with_a_hung_resolver(body), ended_well, "");
        if (!isolated) {
            GTEST_SKIP() << "no namespaces here";
        }
    }
};

Request to_an_unknown_name()
{
    return Request("GET", "http://sandbox.example/");
}

std::string judge(const Outcome& outcome, TransportFailure expected, Clock::duration took)
{
    if (outcome.failure != expected) {
        return "another outcome: " + outcome.message;
    }
    return took < far_below_the_resolvers_patience ? "" : "held up by the resolver";
}

TEST_F(ClientResolverTest, AHungResolverDoesNotDelayATimeout)
{
    expect_success([] {
        Client client{ClientOptions()};
        const auto start = Clock::now();
        Request request = to_an_unknown_name();
        request.timeout = 300ms;
        const auto outcome = send(client, std::move(request)).get();
        return judge(outcome, TransportFailure::timeout, Clock::now() - start);
    });
}

TEST_F(ClientResolverTest, AHungResolverDoesNotDelayACancel)
{
    expect_success([] {
        Client client{ClientOptions()};
        auto sent = send(client, to_an_unknown_name());
        if (sent.outcome.wait_for(300ms) == std::future_status::ready) {
            return "did not hang: " + sent.get().message;
        }
        const auto start = Clock::now();
        sent.transfer->cancel();
        const auto outcome = sent.get();
        return judge(outcome, TransportFailure::cancelled, Clock::now() - start);
    });
}

TEST_F(ClientResolverTest, AHungResolverDoesNotDelayTheDestructor)
{
    expect_success([] {
        auto client = std::make_unique<Client>(ClientOptions());
        auto sent = send(*client, to_an_unknown_name());
        if (sent.outcome.wait_for(300ms) == std::future_status::ready) {
            return "did not hang: " + sent.get().message;
        }
        const auto start = Clock::now();
        client.reset();
        const auto took = Clock::now() - start;
        return judge(sent.get(), TransportFailure::closed, took);
    });
}

} // namespace
} // namespace drukbox::http
