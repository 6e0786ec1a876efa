#include "http/server/server.hpp"
#include "support/running_server.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
namespace asio = boost::asio;

constexpr const char* plain_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* known_get = "GET /known HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* slow_get = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";

/// A server with room for few, which knows who asks for `/known`, and which answers `/slow` once told to.
class ServerRoomTest : public ::testing::Test
{
protected:
    void start(std::size_t max_connections, std::size_t max_unknown_per_peer,
               const std::string& address = "127.0.0.1:0")
    {
        ServerOptions options;
        options.max_connections = max_connections;
        options.max_unknown_per_peer = max_unknown_per_peer;
        options.stranger_idle_limit = 0ms;
        server.emplace(
            options,
            [this](Exchange& exchange) -> asio::awaitable<Response> {
                if (exchange.target() == "/known") {
                    exchange.client_is_known();
                }
                if (exchange.target() == "/slow") {
                    slow_reached = true;
                    co_await until([this] { return go.load(); });
                }
                co_return Response(200, "text/plain", "hello");
            },
            address);
    }

    static std::string ask(Peer& peer, const char* request)
    {
        peer.send(request);
        return peer.read_message().substr(0, 12);
    }

    static constexpr const char* fine = "HTTP/1.1 200";
    static constexpr const char* overloaded = "HTTP/1.1 503";

    std::atomic<bool> slow_reached = false;
    std::atomic<bool> go = false;
    std::optional<RunningServer> server;
};

TEST_F(ServerRoomTest, StrangersThatOnlyConnectKeepNobodyOut)
{
    start(20, 0);
    std::vector<Peer> idle;
    for (int i = 0; i < 100; ++i) {
        idle.push_back(server->connect());
    }
    auto peer = server->connect();
    EXPECT_EQ(ask(peer, plain_get), fine);
    EXPECT_TRUE(idle.front().wait_closed());
}

TEST_F(ServerRoomTest, AnIdleStrangerGoesBeforeOneThatIsAsking)
{
    start(2, 0);
    auto asking = server->connect();
    asking.send(slow_get);
    ASSERT_TRUE(eventually([&] { return slow_reached.load(); }));
    auto idle = server->connect();
    EXPECT_EQ(ask(idle, plain_get), fine);

    auto third = server->connect();
    EXPECT_EQ(ask(third, known_get), fine);
    EXPECT_TRUE(idle.wait_closed());
    go = true;
    EXPECT_TRUE(asking.read_message().starts_with(fine));
}

TEST_F(ServerRoomTest, WhoIsKnownStaysAndWhoIsOneTooManyIsToldSo)
{
    start(2, 0);
    auto one = server->connect();
    auto two = server->connect();
    EXPECT_EQ(ask(one, known_get), fine);
    EXPECT_EQ(ask(two, known_get), fine);
    auto three = server->connect();
    three.send(plain_get);
    EXPECT_TRUE(three.read_to_end().starts_with(overloaded));
    EXPECT_EQ(ask(one, plain_get), fine);
    EXPECT_EQ(ask(two, plain_get), fine);
    three.close();
    one.close();
    EXPECT_TRUE(eventually([&] {
        auto four = server->connect();
        four.send(plain_get);
        return four.read_message().starts_with(fine);
    }));
}

TEST_F(ServerRoomTest, ARequestThatComesTooLateIsNotBegun)
{
    start(1, 0);
    auto one = server->connect();
    EXPECT_EQ(ask(one, plain_get), fine);
    auto two = server->connect();
    EXPECT_EQ(ask(two, plain_get), fine);
    one.try_send(slow_get);
    EXPECT_TRUE(one.wait_closed());
    EXPECT_FALSE(slow_reached);
}

TEST_F(ServerRoomTest, APeerWithItsShareMakesRoomByItself)
{
    start(100, 5);
    std::vector<Peer> peers;
    for (int i = 0; i < 6; ++i) {
        peers.push_back(server->connect());
    }
    EXPECT_EQ(ask(peers.back(), plain_get), fine);
    EXPECT_TRUE(peers.front().wait_closed());
    EXPECT_EQ(ask(peers[1], plain_get), fine);
}

TEST_F(ServerRoomTest, AUserOfThisMachineTakesNoRoomFromAnother)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can connect as several users";
    }
    const TemporaryDirectory directory;
    const auto path = (directory.path() / "socket").string();
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    start(100, 5, "unix:" + path);
    std::filesystem::permissions(path, std::filesystem::perms(0666));
    auto ours = Peer::connect_unix(path);
    EXPECT_EQ(ask(ours, plain_get), fine);

    std::vector<Peer> theirs;
    // The kernel notes the user of the thread that connects, and this one's is another.
    std::thread([&] {
        constexpr uid_t nobody = 65534;
        ASSERT_EQ(::syscall(SYS_setresuid, nobody, nobody, nobody), 0);
        for (int i = 0; i < 6; ++i) {
            theirs.push_back(Peer::connect_unix(path));
        }
        EXPECT_EQ(ask(theirs.back(), plain_get), fine);
    }).join();
    EXPECT_TRUE(theirs.front().wait_closed());
    EXPECT_EQ(ask(ours, plain_get), fine);
}

} // namespace
} // namespace drukbox::http
