#include "providers/run.hpp"
#include "service/remote/answer.hpp"
#include "service/remote/api_client.hpp"
#include "support/scripted_server.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

class ApiClientTest : public testing::Test
{
protected:
    ApiClientOptions options(const ScriptedServer& server)
    {
        ApiClientOptions options;
        options.provider = "cloud";
        options.base_url = server.url("");
        options.timeout = 20s;
        return options;
    }

    ApiAnswer ask(const ScriptedServer& server, ApiRequest request = {"GET", "/things"})
    {
        ApiClient client{reactor_.get_executor(), options(server)};
        return test::run_on(reactor_, client.send(std::move(request)));
    }

    std::string failure(ApiClientOptions options, ApiRequest request = {"GET", "/things"})
    {
        ApiClient client{reactor_.get_executor(), std::move(options)};
        try {
            const auto answer = test::run_on(reactor_, client.send(std::move(request)));
            require_success(answer, "list the things");
        } catch (const ProviderError& error) {
            return error.kind() + ": " + error.what();
        }
        return "none";
    }

    boost::asio::io_context reactor_;
};

ScriptedServer::Script answering(std::string answer)
{
    return [answer](Peer& peer) {
        peer.read_message();
        peer.send(answer);
    };
}

TEST_F(ApiClientTest, HandsOutAnAnswerOfAnyStatus)
{
    ScriptedServer server{answering(test::http_answer("{\"x\":1}", "404 Not Found"))};
    const auto answer = ask(server);
    EXPECT_EQ(answer.status, 404U);
    EXPECT_FALSE(answer.ok());
    EXPECT_EQ(AnswerReader("cloud", answer.json()).at("x").integer(), 1);
}

TEST_F(ApiClientTest, SaysWhatTheProviderSaysInOneLine)
{
    for (const auto& [body, status, expected] :
         std::vector<std::tuple<std::string, std::string, std::string>>{
             {R"({"message":"no\nway"})", "400 Bad Request",
              "ProviderError: cloud failed to list the things: no way"},
             {R"({"error":{"code":"x","message":"sold out"}})", "412 Precondition Failed",
              "ProviderError: cloud failed to list the things: sold out"},
             {R"({"error":"bad token"})", "401 Unauthorized",
              "ProviderAuthError: cloud failed to list the things: bad token"},
             {"<html>", "503 Service Unavailable",
              "ProviderUnavailable: cloud failed to list the things: it answered 503"},
             {"", "500 Oh", "ProviderUnavailable: cloud failed to list the things: it answered 500"},
         }) {
        ScriptedServer server{answering(test::http_answer(body, status))};
        EXPECT_EQ(failure(options(server)), expected);
    }
}

TEST_F(ApiClientTest, RepeatsNoSecret)
{
    ScriptedServer server{
        answering(test::http_answer(R"({"message":"bad value s3cret-value!"})", "400 Bad"))};
    ApiRequest request{"GET", "/things"};
    request.secrets.emplace_back("s3cret-value");
    EXPECT_EQ(failure(options(server), std::move(request)),
              "ProviderError: cloud failed to list the things: bad value <redacted>!");
}

TEST_F(ApiClientTest, NamesTheProviderThatIsCutOffSilentOrAway)
{
    ScriptedServer cut{[](Peer& peer) {
        peer.read_message();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    }};
    EXPECT_THAT(failure(options(cut)), testing::StartsWith("ProviderUnavailable: cloud cannot be reached: "));

    ScriptedServer silent{[](Peer& peer) {
        peer.read_message();
        peer.wait_closed();
    }};
    auto impatient = options(silent);
    impatient.timeout = 50ms;
    EXPECT_EQ(failure(impatient), "ProviderUnavailable: cloud did not answer in time");

    auto away = options(silent);
    away.base_url = "";
    away.http.unix_socket = "/nonexistent/socket";
    away.base_url = "http://cloud";
    EXPECT_THAT(failure(away), testing::StartsWith("ProviderUnavailable: cloud cannot be reached: "));
}

TEST_F(ApiClientTest, WaitsAsToldAndAsksAgain)
{
    std::atomic<int> asked = 0;
    ScriptedServer server{[&](Peer& peer) {
        for (;;) {
            peer.read_message();
            peer.send(asked++ < 2 ? "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
                                  : test::http_answer("{}"));
        }
    }};
    EXPECT_EQ(ask(server).status, 200U);
    EXPECT_EQ(asked, 3);
}

TEST_F(ApiClientTest, DoesNotWaitBeyondItsDeadline)
{
    ScriptedServer server{answering("HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")};
    EXPECT_THAT(
        failure(options(server)),
        testing::MatchesRegex("ProviderThrottled: cloud asks to be left alone for another 3[56][0-9]+ s"));
}

TEST_F(ApiClientTest, AuthorizesEveryAttempt)
{
    std::atomic<int> asked = 0;
    ScriptedServer server{[&](Peer& peer) {
        for (;;) {
            const auto request = peer.read_message();
            const bool signed_now = request.find("X-Attempt: " + std::to_string(asked)) != std::string::npos;
            peer.send(asked++ == 0 ? "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
                                   : test::http_answer(signed_now ? "yes" : "no"));
        }
    }};
    auto with_signature = options(server);
    with_signature.authorize = [count = 0](http::Request& request) mutable {
        request.headers.add("X-Attempt", std::to_string(count++));
    };
    ApiClient client{reactor_.get_executor(), with_signature};
    EXPECT_EQ(test::run_on(reactor_, client.send({"GET", "/x"})).body, "yes");
}

TEST(AnswerReaderTest, NamesTheProviderAndThePlace)
{
    const auto json = boost::json::parse(R"({"a":{"b":[{"c":null},{"c":"x"}]},"n":1.5})");
    const AnswerReader reader{"cloud", json};
    EXPECT_EQ(reader.at("a").at("b").items()[1].at("c").text(), "x");
    EXPECT_FALSE(reader.at("a").find("z").has_value());
    const auto problem = [](const auto& read) -> std::string {
        try {
            read();
        } catch (const MalformedAnswer& error) {
            return error.what();
        }
        return "none";
    };
    EXPECT_EQ(problem([&] { static_cast<void>(reader.at("a").at("b").items()[0].at("c")); }),
              "cloud answered something unexpected: a.b[0].c is missing");
    EXPECT_EQ(problem([&] { static_cast<void>(reader.at("n").integer()); }),
              "cloud answered something unexpected: n is not a whole number");
    EXPECT_EQ(problem([&] { static_cast<void>(reader.at("n").find("x")); }),
              "cloud answered something unexpected: n is not an object");
    EXPECT_EQ(problem([] { static_cast<void>(parse_answer("cloud", "")); }),
              "cloud answered nothing where JSON was expected");
    EXPECT_EQ(problem([] { static_cast<void>(parse_answer("cloud", "<html>")); }),
              "cloud answered something that is not JSON");
}

TEST(PresentableTest, CutsLongTextBetweenCharacters)
{
    std::string text;
    for (int i = 0; i < 400; ++i) {
        text += "é";
    }
    const auto shown = presentable("x" + text, {});
    EXPECT_TRUE(shown.ends_with("é…")) << shown;
    EXPECT_LE(shown.size(), 504U);
}

} // namespace
} // namespace drukbox::service
