#include "http/server/server.hpp"
#include "support/running_server.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
namespace asio = boost::asio;

constexpr const char* plain_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(ServerStopTest, LetsARequestUnderWayBeAnswered)
{
    std::atomic<bool> working = false;
    std::atomic<bool> go = false;
    RunningServer server(ServerOptions(), [&](Exchange&) -> asio::awaitable<Response> {
        working = true;
        co_await until([&] { return go.load(); });
        co_return Response(200, "text/plain", "done");
    });
    auto peer = server.connect();
    peer.send(plain_get);
    ASSERT_TRUE(eventually([&] { return working.load(); }));
    auto stopped = server.stop(60s);
    EXPECT_EQ(stopped.wait_for(50ms), std::future_status::timeout);
    go = true;
    const auto answer = peer.read_to_end();
    EXPECT_TRUE(answer.ends_with("done")) << answer;
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), answer.npos) << answer;
    peer.close();
    EXPECT_EQ(stopped.wait_for(patience), std::future_status::ready);
}

TEST(ServerStopTest, LetsARequestFinishArriving)
{
    RunningServer server(ServerOptions(), [](Exchange& exchange) -> asio::awaitable<Response> {
        const std::string body = co_await exchange.read_body();
        co_return Response(200, "text/plain", body);
    });
    auto peer = server.connect();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    peer.read_header(); // the server reads the body
    auto stopped = server.stop(60s);
    EXPECT_EQ(stopped.wait_for(20ms), std::future_status::timeout);
    peer.send("body");
    EXPECT_TRUE(peer.read_to_end().ends_with("body"));
    peer.close();
    EXPECT_EQ(stopped.wait_for(patience), std::future_status::ready);
}

TEST(ServerStopTest, ClosesIdleConnectionsAndAcceptsNoMore)
{
    RunningServer server(ServerOptions(),
                         [](Exchange&) -> asio::awaitable<Response> { co_return Response(200); });
    auto unused = server.connect();
    auto used = server.connect();
    used.send(plain_get);
    used.read_message();
    auto stopped = server.stop(60s);
    EXPECT_TRUE(unused.wait_closed());
    EXPECT_TRUE(used.wait_closed());
    EXPECT_EQ(stopped.wait_for(patience), std::future_status::ready);
    EXPECT_THROW(static_cast<void>(server.connect()), PeerError);
}

TEST(ServerStopTest, ClosesWhatIsLeftAfterTheGrace)
{
    RunningServer server(ServerOptions(), [](Exchange&) -> asio::awaitable<Response> {
        co_await until([] { return false; });
        co_return Response(200);
    });
    auto peer = server.connect();
    peer.send(plain_get);
    auto partial = server.connect();
    partial.send("GET / HT");
    auto stopped = server.stop(100ms);
    EXPECT_EQ(stopped.wait_for(patience), std::future_status::ready);
    EXPECT_TRUE(peer.wait_closed());
    EXPECT_TRUE(partial.wait_closed());
}

TEST(ServerStopTest, MayBeCalledAgainAndBeforeAnyConnection)
{
    RunningServer server(ServerOptions(),
                         [](Exchange&) -> asio::awaitable<Response> { co_return Response(200); });
    EXPECT_EQ(server.stop(60s).wait_for(patience), std::future_status::ready);
    EXPECT_EQ(server.stop(60s).wait_for(patience), std::future_status::ready);
}

TEST(ServerStopTest, TheEventLoopRunsDryOnceTheServerIsGone)
{
    asio::io_context io;
    {
        Server server(io.get_executor(), ServerOptions(),
                      [](Exchange&) -> asio::awaitable<Response> { co_return Response(200); });
        const auto address = server.listen("127.0.0.1:0");
        auto peer =
            Peer::connect(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
        peer.send(plain_get);
        std::thread stopper([&] {
            peer.read_message();
            asio::co_spawn(io, server.stop(60s), asio::use_future);
        });
        io.run();
        stopper.join();
    }
    io.restart();
    io.run();
}

TEST(ServerStopTest, AContextMayGoWithEverythingStillUnderWay)
{
    asio::io_context io;
    Server server(io.get_executor(), ServerOptions(), [](Exchange&) -> asio::awaitable<Response> {
        co_await until([] { return false; });
        co_return Response(200);
    });
    const auto address = server.listen("127.0.0.1:0");
    auto peer = Peer::connect(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    peer.send(plain_get);
    io.run_for(20ms);
}

} // namespace
} // namespace drukbox::http
