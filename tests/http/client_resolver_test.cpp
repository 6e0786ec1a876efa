#include "http/client/client.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

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

/// Runs `body`, which returns what went wrong, in a child process with a resolver that hangs.
void with_a_hung_resolver(std::string (*body)())
{
    std::array<int, 2> report{};
    ASSERT_EQ(::pipe(report.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        if (!move_to_a_network_with_a_silent_name_server()) {
            ::_exit(cannot_isolate);
        }
        const std::string complaint = body();
        if (::write(report[1], complaint.data(), complaint.size()) < 0) {
            ::_exit(2);
        }
        ::_exit(complaint.empty() ? 0 : 1); // without the resolver's thread
    }
    ::close(report[1]);
    std::array<char, 512> complaint{};
    const auto size = ::read(report[0], complaint.data(), complaint.size());
    ::close(report[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == cannot_isolate) {
        GTEST_SKIP() << "no namespaces here";
    }
    EXPECT_EQ(WEXITSTATUS(status), 0)
        << std::string(complaint.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
}

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

TEST(ClientResolverTest, AHungResolverDoesNotDelayATimeout)
{
    with_a_hung_resolver([] {
        Client client{ClientOptions()};
        const auto start = Clock::now();
        Request request = to_an_unknown_name();
        request.timeout = 300ms;
        const auto outcome = send(client, std::move(request)).get();
        return judge(outcome, TransportFailure::timeout, Clock::now() - start);
    });
}

TEST(ClientResolverTest, AHungResolverDoesNotDelayACancel)
{
    with_a_hung_resolver([] {
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

TEST(ClientResolverTest, AHungResolverDoesNotDelayTheDestructor)
{
    with_a_hung_resolver([] {
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
