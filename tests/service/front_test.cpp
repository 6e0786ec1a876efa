#include "fake_exchange.hpp"
#include "lifecycle_fixture.hpp"
#include "service/doctor/doctor.hpp"
#include "service/front/front_door.hpp"

#include <boost/asio/co_spawn.hpp>

namespace drukbox::service {
namespace {

class FrontTest : public LifecycleTest
{
protected:
    http::Response send(FakeExchange&& exchange) { return service->run(front.handle(exchange)); }

    static std::string request_id(const http::Response& response)
    {
        return std::string{response.headers.find("X-Request-Id").value_or("")};
    }

    Doctor doctor{service->io.get_executor(), service->store, service->providers, "scripted"};
    api::Authenticator authenticator{{Redacted{"token-one"}}};
    api::CreateLimiter creates{1};
    HttpProxyService proxies{service->hosts, service->providers, "scripted"};
    api::Api api{service->hosts, proxies, doctor, authenticator, creates, [this] { return service->now; }};
    Metrics metrics;
    front::FrontDoor front{api, metrics, 1};
};

TEST_F(FrontTest, NamesEveryAnswerAfterItsRequest)
{
    FakeExchange named{"GET", "/healthz"};
    named.add_header("X-Request-Id", "run-42:a");
    EXPECT_EQ(request_id(send(std::move(named))), "run-42:a");

    const auto first = request_id(send(FakeExchange{"GET", "/healthz"}));
    const auto second = request_id(send(FakeExchange{"GET", "/nowhere"}));
    EXPECT_FALSE(first.empty());
    EXPECT_NE(first, second);
}

TEST_F(FrontTest, TakesNoNameThatCouldForgeALogLine)
{
    for (const std::string name : {"", "a b", "a\"b", "a\x01", "\xc3\xa9"}) {
        FakeExchange exchange{"GET", "/healthz"};
        exchange.add_header("X-Request-Id", name);
        EXPECT_NE(request_id(send(std::move(exchange))), name);
    }
    FakeExchange long_one{"GET", "/healthz"};
    long_one.add_header("X-Request-Id", std::string(129, 'a'));
    EXPECT_LT(request_id(send(std::move(long_one))).size(), 64U);
}

TEST_F(FrontTest, CountsByRouteAndNeverByWhatACallerWrote)
{
    static_cast<void>(send(FakeExchange{"GET", "/hosts/0196d9a2-0000-7000-8000-000000000001"}));
    static_cast<void>(send(FakeExchange{"BREW", "/coffee?token=hunter2"}));
    const auto text = metrics.text();
    EXPECT_NE(
        text.find(R"(drukbox_http_requests_total{method="GET",route="/hosts/{host_id}",status="404"} 1)"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(drukbox_http_requests_total{method="other",route="none",status="404"} 1)"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_EQ(text.find("coffee"), std::string::npos);
}

TEST_F(FrontTest, RefusesWhatIsTooMuchAtOnceButNotTheHealthProbe)
{
    FakeExchange slow{"POST", "/hosts"};
    const auto held = block_at("create");
    bool done = false;
    boost::asio::co_spawn(service->io, front.handle(slow),
                          [&](std::exception_ptr, const http::Response&) { done = true; });
    run_until_reached();

    const auto refused = send(FakeExchange{"GET", "/hosts"});
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.headers.find("Retry-After"), "1");
    EXPECT_EQ(send(FakeExchange{"GET", "/healthz"}).status, 200U);
    EXPECT_EQ(send(FakeExchange{"GET", "/litterbox/healthz"}).status, 200U);
    EXPECT_EQ(send(FakeExchange{"GET", "/hosts/healthz"}).status, 429U);

    held->set();
    service->run_until([&] { return done; });
    EXPECT_EQ(send(FakeExchange{"GET", "/hosts"}).status, 200U);
}

TEST_F(FrontTest, AnswersOnlyToNamesOfThisMachineWhereThatIsChecked)
{
    front::FrontDoor guarded{api, metrics, 1, front::HostCheck{"127.0.0.5:8780"}};
    const auto status = [&](const std::string& target, const std::string& host) {
        FakeExchange exchange{"GET", target};
        exchange.add_header("Host", host);
        return service->run(guarded.handle(exchange)).status;
    };
    for (const std::string host :
         {"localhost", "LocalHost:8780", "127.0.0.1:1", "[::1]", "[::1]:8780", "127.0.0.5:8780"}) {
        EXPECT_EQ(status("/hosts", host), 200U) << host;
    }
    for (const std::string host :
         {"", "evil.example", "evil.example:8780", "localhost.evil.example", "127.0.0.2", "[::2]",
          "evil:localhost", "[localhost", "[evil]:localhost", ":8780"}) {
        EXPECT_EQ(status("/hosts", host), 421U) << host;
        EXPECT_EQ(status("/healthz", host), 421U) << host;
    }
    front::FrontDoor on_a_socket{api, metrics, 1, front::HostCheck{"unix:/run/socket"}};
    FakeExchange any{"GET", "/hosts"};
    any.add_header("Host", "evil.example");
    EXPECT_EQ(service->run(on_a_socket.handle(any)).status, 200U);
}

TEST_F(FrontTest, CountsARequestUntilTheLastPieceOfItsAnswer)
{
    auto answer = [](const api::RoutedRequest&) -> boost::asio::awaitable<http::Response> {
        http::Response response{200, "text/plain", "first"};
        response.rest = []() -> boost::asio::awaitable<std::string> { co_return std::string{}; };
        co_return response;
    };
    api.add("GET", "/pieces", api::Router::Access::open, answer);

    auto response = send(FakeExchange{"GET", "/pieces"});
    EXPECT_EQ(front.in_flight(), 1U);
    EXPECT_EQ(send(FakeExchange{"GET", "/hosts"}).status, 429U);
    EXPECT_EQ(service->run(response.rest()), "");

    response = http::Response{};
    EXPECT_EQ(front.in_flight(), 0U);
    EXPECT_EQ(send(FakeExchange{"GET", "/hosts"}).status, 200U);
}

TEST_F(FrontTest, LimitsTheCreatesOfAToken)
{
    EXPECT_EQ(send(FakeExchange{"POST", "/hosts"}).status, 201U);
    const auto refused = send(FakeExchange{"POST", "/hosts"});
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.body,
              R"({"detail":"too many hosts asked for with this token","error_code":"RATE_LIMITED"})");
    EXPECT_TRUE(refused.headers.find("Retry-After"));
    EXPECT_EQ(send(FakeExchange{"GET", "/hosts"}).status, 200U);
}

} // namespace
} // namespace drukbox::service
