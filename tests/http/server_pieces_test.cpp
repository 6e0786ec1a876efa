#include "http/server/server.hpp"
#include "support/running_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>

namespace drukbox::http {
namespace {

using namespace test;
namespace asio = boost::asio;

constexpr const char* plain_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// An answer of several pieces, which counts those that were asked for.
class Pieces
{
public:
    Pieces(std::string first, std::size_t size, int count)
        : first_(std::move(first))
        , size_(size)
        , count_(count)
    {
    }

    Server::Handler handler()
    {
        return [this](Exchange&) -> asio::awaitable<Response> {
            Response response(200, "text/plain", first_);
            response.rest = [this, left = std::make_shared<int>(count_)] { return next(left); };
            co_return response;
        };
    }

    std::atomic<int> given = 0;

private:
    asio::awaitable<std::string> next(std::shared_ptr<int> left)
    {
        if (--*left < 0) {
            co_return std::string();
        }
        ++given;
        co_return std::string(size_, 'p');
    }

    std::string first_;
    std::size_t size_;
    int count_;
};

TEST(ServerPiecesTest, SendsEachPieceAsAChunkAndKeepsTheConnection)
{
    Pieces pieces("first", 16, 2);
    RunningServer server(ServerOptions(), pieces.handler());
    auto peer = server.connect();
    for (int i = 0; i < 2; ++i) {
        peer.send(plain_get);
        const auto head = peer.read_header();
        EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\n"), head.npos) << head;
        EXPECT_EQ(head.find("Content-Length"), head.npos) << head;
        const std::string piece(16, 'p');
        EXPECT_EQ(peer.read_until("\r\n0\r\n\r\n"),
                  "5\r\nfirst\r\n10\r\n" + piece + "\r\n10\r\n" + piece + "\r\n0\r\n\r\n");
    }
}

TEST(ServerPiecesTest, TakesAnAnswerThatHasNothingYet)
{
    Pieces pieces("", 3, 1);
    RunningServer server(ServerOptions(), pieces.handler());
    auto peer = server.connect();
    peer.send(plain_get);
    peer.read_header();
    EXPECT_EQ(peer.read_until("\r\n0\r\n\r\n"), "3\r\nppp\r\n0\r\n\r\n");
}

TEST(ServerPiecesTest, EndsTheBodyWithTheConnectionForAnOldClient)
{
    Pieces pieces("first", 3, 1);
    RunningServer server(ServerOptions(), pieces.handler());
    auto peer = server.connect();
    peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = peer.read_to_end();
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), answer.npos) << answer;
    EXPECT_EQ(answer.find("chunked"), answer.npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nfirstppp")) << answer;
}

TEST(ServerPiecesTest, SendsNoPieceToAHeadRequest)
{
    Pieces pieces("first", 3, 1);
    RunningServer server(ServerOptions(), pieces.handler());
    auto peer = server.connect();
    peer.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(peer.read_header().starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(peer.read_header().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(ServerPiecesTest, AsksForNoMoreThanASlowClientTakes)
{
    constexpr int many = 10'000;
    Pieces pieces("first", 64U << 10U, many);
    RunningServer server(ServerOptions(), pieces.handler());
    auto peer = server.connect();
    peer.send(plain_get);
    peer.read_header();
    // The client stops reading; what was asked for by then fits the sockets' buffers.
    int before = -1;
    ASSERT_TRUE(eventually([&] {
        const int now = pieces.given;
        const bool stalled = now == before && now > 0;
        before = now;
        return stalled;
    }));
    EXPECT_LT(pieces.given, many / 10);
}

TEST(ServerPiecesTest, CutsTheConnectionWhenTheRestCannotBeHad)
{
    std::atomic<int> told = 0;
    ServerOptions options;
    options.on_unhandled = [&](const std::exception_ptr&) { ++told; };
    RunningServer server(options, [](Exchange&) -> asio::awaitable<Response> {
        Response response(200, "text/plain", "first");
        response.rest = []() -> asio::awaitable<std::string> {
            throw std::runtime_error("gone");
            co_return std::string();
        };
        co_return response;
    });
    auto peer = server.connect();
    peer.send(plain_get);
    const auto answer = peer.read_to_end();
    EXPECT_TRUE(answer.ends_with("5\r\nfirst\r\n")) << answer;
    EXPECT_EQ(told, 1);
}

} // namespace
} // namespace drukbox::http
