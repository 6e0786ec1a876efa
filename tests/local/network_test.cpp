#include "local/sandbox_test.hpp"
#include "posix/file.hpp"

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

/// Listens on every address of the network namespace that this program made for itself, TCP and UDP.
class Host
{
public:
    Host()
        : stream_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
        , datagram_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        socklen_t length = sizeof(address);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(stream_.get(), generic, length) != 0 || ::listen(stream_.get(), 16) != 0 ||
            ::getsockname(stream_.get(), generic, &length) != 0 ||
            ::bind(datagram_.get(), generic, length) != 0) {
            throw posix::failure("listener");
        }
        port_ = ntohs(address.sin_port);
    }

    [[nodiscard]] std::string port() const { return std::to_string(port_); }

    /// How many have reached it since the last call, by TCP and by UDP.
    int arrivals()
    {
        int count = 0;
        for (const int fd : {stream_.get(), datagram_.get()}) {
            for (pollfd entry{fd, POLLIN, 0}; ::poll(&entry, 1, 0) == 1; ++count) {
                char byte = 0;
                if (fd == stream_.get()) {
                    posix::UniqueFd{::accept(fd, nullptr, nullptr)};
                } else if (::recv(fd, &byte, 1, 0) < 0) {
                    throw posix::failure("recv");
                }
            }
        }
        return count;
    }

private:
    posix::UniqueFd stream_;
    posix::UniqueFd datagram_;
    std::uint16_t port_ = 0;
};

/// With a network of the test's own around the sandbox: 198.51.100.1 stands for the world, and the loopback
/// and link-local addresses are there to be kept unreachable.
class NetworkTest : public SandboxTest
{
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "only root can make a network around the test";
        }
        settings_.network = service::local::Network::nat;
        settings_.dns = {"198.51.100.53"};
        restart_service();
        vm_ = create();
        ASSERT_EQ(ssh(vm_, {"cat > attacker && chmod 755 attacker"}, attacker_program()).exit_code, 0);
    }

    /// Tries with TCP and UDP, by the routes and past them.
    std::string approach(const std::string& address)
    {
        return ssh(vm_, {"./attacker approach " + address + " " + host_.port()}).out;
    }

    Host host_;
    service::Vm vm_;
};

TEST_F(NetworkTest, TheWorldIsReachable)
{
    EXPECT_EQ(ssh(vm_, {"./attacker connect 198.51.100.1 " + host_.port()}).out, "connect ok\n");
    EXPECT_EQ(host_.arrivals(), 1);
    EXPECT_EQ(ssh(vm_, {"cat /etc/resolv.conf"}).out, "nameserver 198.51.100.53\n");
}

TEST_F(NetworkTest, LoopbackLinkLocalAndTheGatewaysOwnAddressesAreNot)
{
    for (const char* const address : {"127.0.0.1", "127.0.0.53", "0.0.0.0", "10.0.2.2", "10.0.2.3",
                                      "10.0.2.100", "10.0.2.255", "169.254.169.254", "169.254.1.1"}) {
        EXPECT_THAT(approach(address), testing::HasSubstr("send-bound ")) << address;
        // The same by an open way, behind it: when these have arrived, the others would have too.
        EXPECT_THAT(approach("198.51.100.1"), testing::HasSubstr("send-bound ok"));
        int arrived = 0;
        EXPECT_TRUE(eventually([&] { return (arrived += host_.arrivals()) >= 4; }));
        EXPECT_EQ(arrived, 4) << address;
    }
}

TEST_F(NetworkTest, TheSandboxCannotChangeItsNetwork)
{
    EXPECT_NE(ssh(vm_, {"ip route del unreachable 169.254.0.0/16"}).exit_code, 0);
    EXPECT_NE(ssh(vm_, {"ip addr add 10.0.2.7/24 dev tap0"}).exit_code, 0);
    EXPECT_NE(ssh(vm_, {"ip neigh add 169.254.169.254 lladdr 52:55:0a:00:02:02 dev tap0"}).exit_code, 0);
    EXPECT_NE(ssh(vm_, {"echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"}).exit_code, 0);
}

TEST_F(NetworkTest, RemoveEndsTheNetworkToo)
{
    const std::vector<int> processes = process_tree(keeper_pid(vm_.name));
    const Outcome commands = run_command({"ps", "-eo", "args"});
    EXPECT_THAT(commands.out, testing::HasSubstr("slirp4netns --configure"));
    remove(vm_.name);
    for (const int pid : processes) {
        EXPECT_FALSE(process_exists(pid));
    }
}

/// Before there is any thread: a network and a resolver's configuration for this process alone. libslirp
/// takes the latter's name server for its own, which must not lead anybody to this machine's loopback.
void enter_own_network()
{
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
        return;
    }
    ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr);
    for (const char* const words : {"link set lo up", "addr add 198.51.100.1/32 dev lo",
                                    "addr add 169.254.169.254/32 dev lo", "addr add 169.254.1.1/32 dev lo"}) {
        std::vector<std::string> command{"ip"};
        std::istringstream stream{words};
        for (std::string word; stream >> word;) {
            command.push_back(word);
        }
        if (run_command(command).exit_code != 0) {
            std::fprintf(stderr, "ip %s failed\n", words);
        }
    }
    std::string resolver = "/tmp/drukbox-resolv-XXXXXX";
    const posix::UniqueFd file{::mkstemp(resolver.data())};
    posix::write_all(file.get(), "nameserver 127.0.0.1\n", resolver);
    ::fchmod(file.get(), 0644);
    ::mount(resolver.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr);
    ::unlink(resolver.c_str());
}

} // namespace
} // namespace drukbox::test

int main(int argc, char** argv)
{
    drukbox::test::enter_own_network();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
