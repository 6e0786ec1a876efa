#include "http/server/server.hpp"
#include "support/running_server.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace drukbox::http {
namespace {

using namespace test;
namespace asio = boost::asio;

asio::awaitable<Response> hello(Exchange&)
{
    co_return Response(200, "text/plain", "hello");
}

/// Tells what it was asked.
asio::awaitable<Response> echo(Exchange& exchange)
{
    std::string text = std::string(exchange.method()) + " " + std::string(exchange.target()) + " [" +
                       std::string(exchange.headers().find("x-tag").value_or("")) + "] ";
    text += co_await exchange.read_body();
    co_return Response(200, "text/plain", text);
}

std::string body_of(const std::string& message)
{
    return message.substr(message.find("\r\n\r\n") + 4);
}

bool says(const std::string& message, const std::string& field)
{
    return message.find("\r\n" + field + "\r\n") != std::string::npos;
}

constexpr const char* plain_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(ServerRequestTest, AnswersWithLengthDateAndTheHandlersHeaders)
{
    RunningServer server(ServerOptions(), [](Exchange&) -> asio::awaitable<Response> {
        Response response(201, "application/json", "{}");
        response.headers.add("Allow", "GET");
        response.headers.add("content-length", "17");
        response.headers.add("Connection", "close");
        co_return response;
    });
    auto peer = server.connect();
    peer.send(plain_get);
    const auto answer = peer.read_message();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 201 Created\r\n")) << answer;
    EXPECT_TRUE(says(answer, "Content-Type: application/json")) << answer;
    EXPECT_TRUE(says(answer, "Allow: GET")) << answer;
    EXPECT_TRUE(says(answer, "Content-Length: 2")) << answer;
    EXPECT_EQ(answer.find("17\r\n"), answer.npos) << answer;
    EXPECT_NE(answer.find("\r\nDate: "), answer.npos) << answer;
    EXPECT_NE(answer.find(" GMT\r\n"), answer.npos) << answer;
    EXPECT_EQ(answer.find("Connection"), answer.npos) << answer;
    EXPECT_EQ(body_of(answer), "{}");
}

TEST(ServerRequestTest, KeepsTheConnectionForTheNextRequest)
{
    RunningServer server(ServerOptions(), echo);
    auto peer = server.connect();
    for (int i = 0; i < 3; ++i) {
        peer.send("PUT /a?b=%20 HTTP/1.1\r\nHost: x\r\nX-Tag: t\r\nContent-Length: 3\r\n\r\nabc");
        EXPECT_EQ(body_of(peer.read_message()), "PUT /a?b=%20 [t] abc");
    }
}

TEST(ServerRequestTest, AnswersPipelinedRequestsInTheirOrder)
{
    std::atomic<bool> go = false;
    RunningServer server(ServerOptions(), [&](Exchange& exchange) -> asio::awaitable<Response> {
        if (exchange.target() == "/slow") {
            co_await until([&] { return go.load(); });
        }
        std::string text(exchange.target());
        text += co_await exchange.read_body();
        co_return Response(200, "text/plain", text);
    });
    auto peer = server.connect();
    peer.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
              "POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n!"
              "GET /three HTTP/1.1\r\nHost: x\r\n\r\nGET /fo");
    go = true;
    EXPECT_EQ(body_of(peer.read_message()), "/slow");
    EXPECT_EQ(body_of(peer.read_message()), "/two!");
    EXPECT_EQ(body_of(peer.read_message()), "/three");
    peer.send("ur HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(body_of(peer.read_message()), "/four");
}

TEST(ServerRequestTest, AnswersAThousandPipelinedRequests)
{
    RunningServer server(ServerOptions(), echo);
    auto peer = server.connect();
    std::string all;
    for (int i = 0; i < 1000; ++i) {
        all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok";
    }
    std::thread sender([&] { peer.send(all); });
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(body_of(peer.read_message()), "POST /" + std::to_string(i) + " [] ok");
    }
    sender.join();
}

TEST(ServerRequestTest, ARequestMayArriveByteByByte)
{
    RunningServer server(ServerOptions(), echo);
    auto peer = server.connect();
    for (const char c : std::string("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n")) {
        peer.send(std::string(1, c));
    }
    EXPECT_EQ(body_of(peer.read_message()), "POST / [] abcde");
}

TEST(ServerRequestTest, ReadsChunkedBodiesAndGoesOnAfterThem)
{
    RunningServer server(ServerOptions(), echo);
    auto peer = server.connect();
    for (int i = 0; i < 2; ++i) {
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Tag: "
                  "no\r\n\r\n");
        EXPECT_EQ(body_of(peer.read_message()), "POST / [] abc");
    }
}

TEST(ServerRequestTest, SkipsLineBreaksBeforeARequest)
{
    RunningServer server(ServerOptions(), hello);
    auto peer = server.connect();
    peer.send(std::string("\r\n") + plain_get + "\r\n\r\n" + plain_get);
    EXPECT_EQ(body_of(peer.read_message()), "hello");
    EXPECT_EQ(body_of(peer.read_message()), "hello");
}

TEST(ServerRequestTest, ClosesWhenTheClientSaysSo)
{
    RunningServer server(ServerOptions(), hello);
    auto peer = server.connect();
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = peer.read_to_end();
    EXPECT_TRUE(says(answer, "Connection: close")) << answer;
    EXPECT_EQ(body_of(answer), "hello");
}

TEST(ServerRequestTest, ClosesAfterHttp10UnlessAskedToKeep)
{
    RunningServer server(ServerOptions(), hello);
    auto closed = server.connect();
    closed.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(body_of(closed.read_to_end()), "hello");

    auto kept = server.connect();
    for (int i = 0; i < 2; ++i) {
        kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        const auto answer = kept.read_message();
        EXPECT_TRUE(says(answer, "Connection: keep-alive")) << answer;
        EXPECT_EQ(body_of(answer), "hello");
    }
}

TEST(ServerRequestTest, AnAnswerToHeadHasALengthButNoBody)
{
    RunningServer server(ServerOptions(), hello);
    auto peer = server.connect();
    peer.send(std::string("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n") + plain_get);
    EXPECT_TRUE(says(peer.read_header(), "Content-Length: 5"));
    EXPECT_EQ(body_of(peer.read_message()), "hello");
}

TEST(ServerRequestTest, NoContentHasNeitherBodyNorLength)
{
    RunningServer server(ServerOptions(), [](Exchange& exchange) -> asio::awaitable<Response> {
        co_return exchange.method() == "DELETE" ? Response(204, "text/plain", "dropped")
                                                : Response(200, "text/plain", "next");
    });
    auto peer = server.connect();
    peer.send(std::string("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n") + plain_get);
    const auto answer = peer.read_header();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 ")) << answer;
    EXPECT_EQ(answer.find("Content-Length"), answer.npos) << answer;
    EXPECT_EQ(body_of(peer.read_message()), "next");
}

TEST(ServerRequestTest, AsksForTheBodyOnlyWhenTheHandlerReadsIt)
{
    RunningServer server(ServerOptions(), [](Exchange& exchange) -> asio::awaitable<Response> {
        if (exchange.target() == "/refused") {
            co_return Response(401, "text/plain", "no");
        }
        const std::string body = co_await exchange.read_body();
        co_return Response(200, "text/plain", body);
    });
    auto wanted = server.connect();
    wanted.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
    EXPECT_EQ(wanted.read_header(), "HTTP/1.1 100 Continue\r\n\r\n");
    wanted.send("abc");
    EXPECT_EQ(body_of(wanted.read_message()), "abc");

    auto refused = server.connect();
    refused.send("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    const auto answer = refused.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
    EXPECT_TRUE(says(answer, "Connection: close")) << answer;
}

TEST(ServerRequestTest, ASmallBodyThatNobodyReadIsSkipped)
{
    RunningServer server(ServerOptions(), hello);
    auto peer = server.connect();
    peer.send(std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"));
    EXPECT_EQ(body_of(peer.read_message()), "hello") << "answered before the body came";
    peer.send(std::string(60000, 'x') + plain_get);
    EXPECT_EQ(body_of(peer.read_message()), "hello");
}

TEST(ServerRequestTest, ALargeOrEndlessBodyThatNobodyReadEndsTheConnection)
{
    RunningServer server(ServerOptions(), hello);
    for (const char* framing : {"Content-Length: 70000", "Transfer-Encoding: chunked"}) {
        auto peer = server.connect();
        peer.send("POST / HTTP/1.1\r\nHost: x\r\n" + std::string(framing) + "\r\n\r\n");
        const auto answer = peer.read_to_end();
        EXPECT_TRUE(says(answer, "Connection: close")) << answer;
        EXPECT_EQ(body_of(answer), "hello");
    }
}

TEST(ServerRequestTest, AnExceptionIsReportedAndAnswered)
{
    std::atomic<int> reported = 0;
    ServerOptions options;
    options.error_response = [](unsigned status, std::string_view) {
        return Response(status, "application/json", "{\"detail\":\"oops\"}");
    };
    options.on_unhandled = [&](std::exception_ptr failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::runtime_error& error) {
            reported += std::string_view(error.what()) == "secret" ? 1 : 0;
        }
    };
    RunningServer server(options, [](Exchange&) -> asio::awaitable<Response> {
        throw std::runtime_error("secret");
        co_return Response(200);
    });
    auto peer = server.connect();
    for (int i = 1; i <= 2; ++i) {
        peer.send(plain_get);
        const auto answer = peer.read_message();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
        EXPECT_EQ(body_of(answer), "{\"detail\":\"oops\"}");
        EXPECT_EQ(reported, i);
    }
}

TEST(ServerRequestTest, AnAnswerThatCannotBeSentIsAnError)
{
    std::atomic<int> reported = 0;
    ServerOptions options;
    options.on_unhandled = [&](std::exception_ptr) { ++reported; };
    RunningServer server(options, [](Exchange& exchange) -> asio::awaitable<Response> {
        Response response(exchange.target() == "/status" ? 0 : 200);
        response.headers.add("X-Tag", exchange.target() == "/value" ? "a\r\nSet-Cookie: b" : "a");
        co_return response;
    });
    auto peer = server.connect();
    for (const char* target : {"/status", "/value"}) {
        peer.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = peer.read_message();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
        EXPECT_EQ(answer.find("Set-Cookie"), answer.npos);
    }
    EXPECT_EQ(reported, 2);
}

TEST(ServerRequestTest, ALargeAnswerArrivesWhole)
{
    std::string large;
    for (int i = 0; large.size() < (16U << 20U); ++i) {
        large += std::to_string(i);
    }
    RunningServer server(ServerOptions(), [&](Exchange&) -> asio::awaitable<Response> {
        co_return Response(200, "text/plain", large);
    });
    auto peer = server.connect();
    peer.send(std::string(plain_get) + plain_get);
    EXPECT_TRUE(body_of(peer.read_message()) == large);
    EXPECT_TRUE(body_of(peer.read_message()) == large);
}

TEST(ServerRequestTest, TheHandlerHearsThatTheClientIsGone)
{
    enum class Seen
    {
        nothing,
        present,
        gone
    };
    std::atomic<Seen> seen = Seen::nothing;
    RunningServer server(ServerOptions(), [&](Exchange& exchange) -> asio::awaitable<Response> {
        seen = exchange.client_gone() ? Seen::gone : Seen::present;
        co_await until([&] { return exchange.client_gone(); });
        seen = Seen::gone;
        co_return Response(200);
    });
    for (const char* more : {"", plain_get}) {
        seen = Seen::nothing;
        auto peer = server.connect();
        peer.send(std::string(plain_get) + more);
        ASSERT_TRUE(eventually([&] { return seen == Seen::present; }));
        peer.close();
        EXPECT_TRUE(eventually([&] { return seen == Seen::gone; }));
    }
}

TEST(ServerRequestTest, RequestsSentAheadAreNotLostWhileTheHandlerWorks)
{
    std::atomic<bool> go = false;
    RunningServer server(ServerOptions(), [&](Exchange& exchange) -> asio::awaitable<Response> {
        co_await until([&] { return go || exchange.client_gone(); });
        co_return Response(200, "text/plain", std::string(exchange.target()));
    });
    auto peer = server.connect();
    peer.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    peer.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    go = true;
    EXPECT_EQ(body_of(peer.read_message()), "/1");
    EXPECT_EQ(body_of(peer.read_message()), "/2");
}

TEST(ServerRequestTest, AClientThatHangsUpMidRequestHurtsNobody)
{
    RunningServer server(ServerOptions(), echo);
    for (const char* part :
         {"", "G", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
        auto gone = server.connect();
        gone.send(part);
        gone.close();
        auto reset = server.connect();
        reset.send(part);
        reset.reset();
    }
    auto peer = server.connect();
    peer.send(plain_get);
    EXPECT_EQ(body_of(peer.read_message()), "GET / [] ");
}

TEST(ServerRequestTest, ABodyThatIsCutIsABadRequest)
{
    RunningServer server(ServerOptions(), echo);
    auto peer = server.connect();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
    peer.finish();
    EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 400 "));
}

} // namespace
} // namespace drukbox::http
