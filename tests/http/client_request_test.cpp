#include "http/client/client.hpp"
#include "support/scripted_server.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

#include <future>

namespace drukbox::http {
namespace {

using namespace test;
using testing::Test;

/// Answers one request and tells what it was.
class OneRequest
{
public:
    explicit OneRequest(std::string answer)
        : server([this, answer = std::move(answer)](Peer& peer) {
            request_.set_value(peer.read_message());
            peer.send(answer);
            peer.wait_closed();
        })
    {
    }

    std::string request() { return request_.get_future().get(); }

private:
    std::promise<std::string> request_;

public:
    ScriptedServer server;
};

TEST(ClientRequestTest, CarriesMethodTargetHeadersAndBody)
{
    OneRequest one(http_answer(""));
    Client client{ClientOptions()};
    Request request("PUT", one.server.url("/a/../b?c=%20"));
    request.headers.add("X-One", "1");
    request.headers.add("X-Empty", "");
    request.headers.add("Content-Type", "application/json");
    request.body = "{}";
    EXPECT_EQ(send(client, std::move(request)).get().response.status, 200U);

    const auto seen = one.request();
    EXPECT_TRUE(seen.starts_with("PUT /a/../b?c=%20 HTTP/1.1\r\n")) << seen;
    EXPECT_NE(seen.find("\r\nX-One: 1\r\n"), seen.npos) << seen;
    EXPECT_NE(seen.find("\r\nX-Empty:\r\n"), seen.npos) << seen;
    EXPECT_NE(seen.find("\r\nContent-Type: application/json\r\n"), seen.npos) << seen;
    EXPECT_NE(seen.find("\r\nContent-Length: 2\r\n"), seen.npos) << seen;
    EXPECT_TRUE(seen.ends_with("\r\n\r\n{}")) << seen;
}

TEST(ClientRequestTest, AddsNoExpectAndNoContentTypeOfItsOwn)
{
    OneRequest one(http_answer(""));
    Client client{ClientOptions()};
    Request request("POST", one.server.url());
    request.body = std::string(3U << 20U, 'x');
    EXPECT_EQ(send(client, std::move(request)).get().response.status, 200U);
    const auto seen = one.request();
    EXPECT_EQ(seen.find("\r\nExpect:"), seen.npos);
    EXPECT_EQ(seen.find("\r\nContent-Type:"), seen.npos);
    EXPECT_EQ(seen.size() - seen.find("\r\n\r\n") - 4, 3U << 20U);
}

TEST(ClientRequestTest, AnyMethodMayHaveABody)
{
    for (const char* method : {"GET", "DELETE", "PATCH"}) {
        OneRequest one(http_answer(""));
        Client client{ClientOptions()};
        Request request(method, one.server.url());
        request.body = "body";
        EXPECT_EQ(send(client, std::move(request)).get().response.status, 200U);
        const auto seen = one.request();
        EXPECT_TRUE(seen.starts_with(method)) << seen;
        EXPECT_TRUE(seen.ends_with("\r\n\r\nbody")) << seen;
    }
}

TEST(ClientRequestTest, APostWithoutBodySaysThatItHasNone)
{
    OneRequest one(http_answer(""));
    Client client{ClientOptions()};
    EXPECT_EQ(send(client, Request("POST", one.server.url())).get().response.status, 200U);
    EXPECT_NE(one.request().find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST(ClientRequestTest, OneHandleCarriesMethodsInAnyOrder)
{
    ScriptedServer server([](Peer& peer) {
        for (;;) {
            const auto request = peer.read_message();
            const auto method = request.substr(0, request.find(' '));
            const auto body = request.substr(request.find("\r\n\r\n") + 4);
            peer.send(method == "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                                       : http_answer(method + ":" + body));
        }
    });
    Client client{ClientOptions()};
    const auto ask = [&](const char* method, const char* body) {
        Request request(method, server.url());
        if (body != nullptr) {
            request.body = body;
        }
        return send(client, std::move(request)).get().response.body;
    };
    EXPECT_EQ(ask("POST", "1"), "POST:1");
    EXPECT_EQ(ask("GET", nullptr), "GET:");
    EXPECT_EQ(ask("HEAD", nullptr), "");
    EXPECT_EQ(ask("DELETE", nullptr), "DELETE:");
    EXPECT_EQ(ask("HEAD", nullptr), "");
    EXPECT_EQ(ask("PUT", "2"), "PUT:2");
    EXPECT_EQ(ask("GET", nullptr), "GET:");
    EXPECT_EQ(server.accepted(), 1U);
}

TEST(ClientRequestTest, GivesStatusHeadersAndBodyOfTheFinalAnswer)
{
    OneRequest one(
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        "HTTP/1.1 404 Not Found\r\nContent-Type:  text/plain \r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n");
    Client client{ClientOptions()};
    const auto outcome = send(client, Request("GET", one.server.url())).get();
    EXPECT_FALSE(outcome.failure) << outcome.message;
    EXPECT_EQ(outcome.response.status, 404U);
    EXPECT_EQ(outcome.response.headers.find("content-type"), "text/plain");
    EXPECT_EQ(outcome.response.headers.find("Link"), std::nullopt);
    EXPECT_EQ(outcome.response.body, "abcde");
}

TEST(ClientRequestTest, FollowsNoRedirect)
{
    OneRequest one("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    Client client{ClientOptions()};
    EXPECT_EQ(send(client, Request("GET", one.server.url())).get().response.status, 302U);
}

TEST(ClientRequestTest, RefusesHeadersAndMethodsThatWouldSplitTheRequest)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    const auto refused = [&](Request request) {
        const auto outcome = send(client, std::move(request)).get();
        EXPECT_EQ(outcome.message.find("secret"), std::string::npos);
        return outcome.failure == TransportFailure::other;
    };
    for (const char* value : {"secret\r\nX: y", "secret\n", "secret\r"}) {
        Request request("GET", server.url());
        request.headers.add("Authorization", value);
        EXPECT_TRUE(refused(std::move(request)));
    }
    for (const char* name : {"", "A B", "A:", "A\r\nB"}) {
        Request request("GET", server.url());
        request.headers.add(name, "secret");
        EXPECT_TRUE(refused(std::move(request)));
    }
    EXPECT_TRUE(refused(Request("GET /\r\nX: y", server.url())));
    EXPECT_FALSE(send(client, Request("GET", server.url())).get().failure)
        << "the connection slot is free again";
    EXPECT_EQ(server.accepted(), 1U);
}

TEST(ClientRequestTest, ABodyBeyondTheLimitIsTooLargeWhetherAnnouncedOrNot)
{
    ClientOptions options;
    options.max_body_bytes = 10;
    Client client{options};
    for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n12345678901",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n"}) {
        OneRequest one(answer);
        const auto outcome = send(client, Request("GET", one.server.url())).get();
        EXPECT_EQ(outcome.failure, TransportFailure::too_large);
        EXPECT_EQ(outcome.response.status, 0U);
        EXPECT_EQ(outcome.response.body, "");
    }
    OneRequest fits(http_answer("1234567890"));
    EXPECT_EQ(send(client, Request("GET", fits.server.url())).get().response.body, "1234567890");
}

TEST(ClientRequestTest, AnEndlessHeaderIsTooLarge)
{
    ScriptedServer server([](Peer& peer) {
        peer.read_message();
        peer.send("HTTP/1.1 200 OK\r\n");
        while (peer.try_send("X-Header: " + std::string(1000, 'x') + "\r\n")) {
        }
    });
    Client client{ClientOptions()};
    const auto outcome = send(client, Request("GET", server.url())).get();
    EXPECT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.message.find("xxx"), std::string::npos);
}

TEST(ClientRequestTest, AnswersThatAreNotHttpFailWithoutShowingThem)
{
    for (const char* answer :
         {"SSH-2.0-OpenSSH_9.2 secret\r\n", "HTTP/1.1 200 OK\r\nContent-Length: secret\r\n\r\n",
          "HTTP/3.7 200 secret\r\n\r\n", "\r\n\r\n", "HTTP/1.1 2x0 secret\r\n\r\n"}) {
        ScriptedServer server([&](Peer& peer) {
            peer.read_message();
            peer.send(answer);
        });
        Client client{ClientOptions()};
        const auto outcome = send(client, Request("GET", server.url())).get();
        EXPECT_TRUE(outcome.failure) << answer;
        EXPECT_EQ(outcome.message.find("secret"), std::string::npos) << outcome.message;
    }
}

TEST(ClientRequestTest, AnAnswerThatIsCutIsAFailureToReceive)
{
    for (const char* answer : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Le",
                               "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123"}) {
        ScriptedServer server([&](Peer& peer) {
            peer.read_message();
            peer.send(answer);
        });
        Client client{ClientOptions()};
        const auto outcome = send(client, Request("GET", server.url())).get();
        EXPECT_EQ(outcome.failure, TransportFailure::receive) << answer << ": " << outcome.message;
        EXPECT_EQ(outcome.response.status, 0U);
    }
}

TEST(ClientRequestTest, AResetInTheMiddleOfABodyIsAFailureToReceive)
{
    ScriptedServer server([](Peer& peer) {
        peer.read_message();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
        peer.reset();
    });
    Client client{ClientOptions()};
    EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, TransportFailure::receive);
}

TEST(ClientRequestTest, ARefusedConnectionIsAFailureToConnect)
{
    std::string url;
    {
        ScriptedServer server(answer_all);
        url = server.url();
    }
    Client client{ClientOptions()};
    EXPECT_EQ(send(client, Request("GET", url)).get().failure, TransportFailure::connect);
}

TEST(ClientRequestTest, SpeaksHttpOnly)
{
    Client client{ClientOptions()};
    EXPECT_TRUE(send(client, Request("GET", "file:///etc/hostname")).get().failure);
    EXPECT_TRUE(send(client, Request("GET", "")).get().failure);
}

TEST(ClientRequestTest, OptionsOutOfRangeAreRefused)
{
    ClientOptions none;
    none.max_connections = 0;
    EXPECT_THROW(Client{none}, std::invalid_argument);
    ClientOptions all_reserved;
    all_reserved.reserved_for_brief = all_reserved.max_connections;
    EXPECT_THROW(Client{all_reserved}, std::invalid_argument);
}

} // namespace
} // namespace drukbox::http
