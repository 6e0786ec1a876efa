#include "sdk/litterbox_sample.hpp"
#include "sdk/sample.hpp"
#include "wire/http_proxy_record.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/litterbox/litterbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <type_traits>

// Compilers have mishandled temporaries in co_await expressions, GCC 12 among them: every public type stands
// in one here in each way that a program would write, with contents too long for any small-string buffer.
namespace drukbox::sdk {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;

static_assert(!std::is_aggregate_v<CreateHostRequest>);
static_assert(!std::is_aggregate_v<CreateHTTPProxyRequest>);
static_assert(!std::is_aggregate_v<DoctorCheck>);
static_assert(!std::is_aggregate_v<DoctorReport>);
static_assert(!std::is_aggregate_v<HTTPProxy>);
static_assert(!std::is_aggregate_v<HTTPProxyAttachment>);
static_assert(!std::is_aggregate_v<Lease>);
static_assert(!std::is_aggregate_v<LogEntry>);
static_assert(!std::is_aggregate_v<SandboxConfig>);
static_assert(!std::is_aggregate_v<SandboxErrorInfo>);
static_assert(!std::is_aggregate_v<SandboxHost>);
static_assert(!std::is_aggregate_v<litterbox::CreateHostRequest>);
static_assert(!std::is_aggregate_v<litterbox::SandboxConfig>);
static_assert(!std::is_aggregate_v<litterbox::SandboxHost>);

const std::string image = "registry.example.com/a-rather-long-path/to/an-image:with-a-tag-0123456789";
const std::string value = "a value that is longer than what fits into a string object itself";
const std::string key = "agent-run-42-with-a-key-that-needs-memory-of-its-own";
const std::string body = R"({"env":{"NAME":")" + value + R"("},"image":")" + image + R"("})";

CreateHostRequest make_request()
{
    return CreateHostRequest{}.image(image).env("NAME", value).idempotency_key(key);
}

class CoroutineMatrixTest : public ::testing::Test
{
protected:
    using Body = std::function<asio::awaitable<void>()>;

    void run(const Body& body)
    {
        asio::io_context io;
        std::exception_ptr failure;
        const auto done = [&failure](std::exception_ptr f) { failure = std::move(f); };
        asio::co_spawn(io, body, done);
        io.run();
        EXPECT_EQ(failure, nullptr);
    }

    void expect_requests(std::size_t count) const
    {
        const auto requests = service_.requests();
        ASSERT_EQ(requests.size(), count);
        for (const auto& request : requests) {
            EXPECT_EQ(request.body, body);
            EXPECT_EQ(request.header("Idempotency-Key"), key);
        }
    }

    SandboxConfig config() const { return SandboxConfig{service_.url(), "t"}; }

    FakeService service_;
    SandboxAPI api_{service_.url(), "t"};
};

TEST_F(CoroutineMatrixTest, ARequestMayBeATemporaryANamedLocalOrTheResultOfAFactory)
{
    service_.answer_always(Answer::json(201, sample_json()));
    run([this]() -> asio::awaitable<void> {
        SandboxHost host = co_await api_.create_host(
            CreateHostRequest{}.image(image).env("NAME", value).idempotency_key(key));
        EXPECT_EQ(host, sample_host());

        host = co_await api_.create_host(
            CreateHostRequest().image(image).env("NAME", std::string{value}).idempotency_key(key));
        EXPECT_EQ(host, sample_host());

        auto named = CreateHostRequest{}.image(image);
        named.env("NAME", value).idempotency_key(key);
        host = co_await api_.create_host(named);
        EXPECT_EQ(host, sample_host());
        host = co_await api_.create_host(std::move(named));
        EXPECT_EQ(host, sample_host());

        host = co_await api_.create_host(make_request());
        EXPECT_EQ(host, sample_host());
        EXPECT_EQ(co_await api_.create_host(make_request()), sample_host());
        EXPECT_EQ((co_await api_.create_host(make_request())).known_hosts, sample_host().known_hosts);

        auto [failure, by_tuple] =
            co_await api_.create_host(make_request(), asio::as_tuple(asio::use_awaitable));
        EXPECT_EQ(failure, nullptr);
        EXPECT_EQ(by_tuple, sample_host());
    });
    expect_requests(8);
}

TEST_F(CoroutineMatrixTest, ARequestMayBeLeftOut)
{
    service_.answer_always(Answer::json(201, sample_json()));
    run([this]() -> asio::awaitable<void> {
        const SandboxHost host = co_await api_.create_host();
        EXPECT_EQ(host, sample_host());
        EXPECT_EQ(co_await api_.create_host(CreateHostRequest{}), sample_host());
    });
    EXPECT_EQ(service_.requests().back().body, "{}");
}

TEST_F(CoroutineMatrixTest, ALeaseMayBeATemporaryANamedLocalOrLeftOut)
{
    service_.answer_always(Answer::json(200, sample_json()));
    run([this]() -> asio::awaitable<void> {
        const auto end = std::chrono::system_clock::now() + 1h;
        const Lease named = Lease::until(end);
        EXPECT_EQ(co_await api_.renew_host(host_id, Lease::until(end)), sample_host());
        EXPECT_EQ(co_await api_.renew_host(host_id, named), sample_host());
        EXPECT_EQ(co_await api_.renew_host(host_id), sample_host());
        EXPECT_EQ(co_await api_.renew_host(host_id, Lease::service_default()), sample_host());
        EXPECT_EQ(co_await api_.create_host(CreateHostRequest{}.image(image).expires(Lease::permanent())),
                  sample_host());
    });
}

TEST_F(CoroutineMatrixTest, AClientMayBeATemporary)
{
    service_.answer_always(Answer::json(200, sample_json()));
    run([this]() -> asio::awaitable<void> {
        EXPECT_EQ(co_await api_.with_timeout(30s).get_host(host_id), sample_host());
        EXPECT_EQ(co_await SandboxAPI(service_.url(), std::string(200, 't')).get_host(std::string{host_id}),
                  sample_host());
        EXPECT_EQ(co_await SandboxAPI(config()).attach(host_id), sample_host());
        EXPECT_EQ((co_await SandboxAPI{SandboxConfig{service_.url(), std::string(200, 't')}}.attach(host_id)),
                  sample_host());
        EXPECT_EQ(co_await SandboxAPI(config()).with_timeout(30s).attach(host_id), sample_host());
    });
    EXPECT_EQ(service_.requests().size(), 5U);
}

TEST_F(CoroutineMatrixTest, ListsAndReportsComeBackWhole)
{
    run([this]() -> asio::awaitable<void> {
        const std::vector<SandboxHost> hosts(3, sample_host());
        service_.answer(Answer::json(200, wire::serialize(hosts)));
        EXPECT_EQ(co_await api_.list_hosts(), hosts);
        service_.answer(Answer::json(200, wire::serialize(hosts)));
        std::size_t seen = 0;
        for (const SandboxHost& host : co_await api_.list_hosts()) {
            EXPECT_EQ(host, sample_host());
            ++seen;
        }
        EXPECT_EQ(seen, 3U);
        service_.answer(Answer::json(
            200, R"({"ok":true,"active_provider":"local","tailscale_enabled":false,"checks":[]})"));
        EXPECT_EQ((co_await api_.doctor()).active_provider, "local");
    });
}

TEST_F(CoroutineMatrixTest, AProxyMayBeATemporaryANamedLocalOrTheResultOfAFactory)
{
    HTTPProxy proxy;
    proxy.name = value;
    proxy.status = "created";
    service_.answer_always(Answer::json(201, wire::serialize(proxy)));
    run([&]() -> asio::awaitable<void> {
        EXPECT_EQ(co_await api_.create_http_proxy(CreateHTTPProxyRequest{key, image}.header("NAME", value)),
                  proxy);
        EXPECT_EQ((co_await api_.create_http_proxy(
                       CreateHTTPProxyRequest(std::string{key}, image).header("NAME", std::string{value})))
                      .name,
                  value);
        auto named = CreateHTTPProxyRequest{key, image};
        named.header("NAME", value);
        EXPECT_EQ(co_await api_.create_http_proxy(named), proxy);
        EXPECT_EQ(co_await api_.create_http_proxy(std::move(named)), proxy);
        const auto make = [] { return CreateHTTPProxyRequest{key, image}.header("NAME", value); };
        EXPECT_EQ(co_await api_.create_http_proxy(make()), proxy);
        auto [failure, by_tuple] =
            co_await api_.create_http_proxy(make(), asio::as_tuple(asio::use_awaitable));
        EXPECT_EQ(failure, nullptr);
        EXPECT_EQ(by_tuple, proxy);
    });
    ASSERT_EQ(service_.requests().size(), 6U);
    for (const auto& request : service_.requests()) {
        EXPECT_EQ(request.body, R"({"name":")" + key + R"(","target":")" + image +
                                    R"(","headers":{"NAME":")" + value + R"("}})");
    }
}

TEST_F(CoroutineMatrixTest, AnAttachmentComesBackWhole)
{
    HTTPProxyAttachment attachment;
    attachment.name = value;
    attachment.host_id = host_id;
    attachment.status = "attached";
    run([&]() -> asio::awaitable<void> {
        service_.answer(Answer::json(200, wire::serialize(attachment)));
        EXPECT_EQ(co_await api_.attach_http_proxy(value, std::string{host_id}), attachment);
        service_.answer_always(Answer::empty(204));
        co_await api_.detach_http_proxy(std::string{value}, host_id);
        co_await api_.delete_http_proxy(std::string{value});
    });
}

TEST_F(CoroutineMatrixTest, ALitterboxRequestMayBeATemporaryANamedLocalOrTheResultOfAFactory)
{
    service_.answer_always(Answer::json(201, litterbox_json()));
    const litterbox::SandboxAPI api{service_.url(), "t"};
    const auto make = [] {
        return litterbox::CreateHostRequest{}.image(image).env("NAME", value).idempotency_key(key);
    };
    run([&]() -> asio::awaitable<void> {
        EXPECT_EQ(co_await api.create_host(
                      litterbox::CreateHostRequest{}.image(image).env("NAME", value).idempotency_key(key)),
                  litterbox_host());
        auto named = litterbox::CreateHostRequest().image(image);
        named.env("NAME", std::string{value}).idempotency_key(key);
        EXPECT_EQ(co_await api.create_host(named), litterbox_host());
        EXPECT_EQ(co_await api.create_host(std::move(named)), litterbox_host());
        EXPECT_EQ((co_await api.create_host(make())).ssh_host, litterbox_host().ssh_host);
        auto [failure, by_tuple] = co_await api.create_host(make(), asio::as_tuple(asio::use_awaitable));
        EXPECT_EQ(failure, nullptr);
        EXPECT_EQ(by_tuple, litterbox_host());
    });
    expect_requests(5);
}

TEST_F(CoroutineMatrixTest, ALitterboxClientMayBeATemporary)
{
    service_.answer_always(Answer::json(200, litterbox_json()));
    run([this]() -> asio::awaitable<void> {
        EXPECT_EQ(co_await litterbox::SandboxAPI(service_.url(), std::string(200, 't')).create_host(),
                  litterbox_host());
        EXPECT_EQ(
            (co_await litterbox::SandboxAPI{litterbox::SandboxConfig{service_.url(), std::string(200, 't'),
                                                                     litterbox::Behaviour::polling}}
                 .with_timeout(30s)
                 .attach(std::string{host_id})),
            litterbox_host());
    });
}

TEST_F(CoroutineMatrixTest, ErrorsThrownOutOfACoAwaitAreCaughtByClass)
{
    run([this]() -> asio::awaitable<void> {
        service_.answer(Answer::json(404, R"({"detail":"host not found"})"));
        bool caught = false;
        try {
            co_await api_.delete_host(host_id);
        } catch (const SandboxNotFoundError& error) {
            caught = error.detail() == "host not found" && error.operation() == "delete_host";
        }
        EXPECT_TRUE(caught);
        service_.answer(Answer::json(502, R"({"detail":"no"})"));
        caught = false;
        try {
            (void)co_await api_.create_host(make_request());
        } catch (const SandboxAPIError& error) {
            caught = error.status() == 502;
        }
        EXPECT_TRUE(caught);
    });
}

TEST_F(CoroutineMatrixTest, ACoroutineThatTakesARequestMaySpawnMore)
{
    service_.answer_always(Answer::json(201, sample_json()));
    run([this]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const auto create = [this](CreateHostRequest request) -> asio::awaitable<SandboxHost> {
            co_return co_await api_.create_host(std::move(request));
        };
        auto spawned = create(make_request());
        EXPECT_EQ(co_await asio::co_spawn(executor, std::move(spawned), asio::use_awaitable), sample_host());
        EXPECT_EQ(co_await create(make_request()), sample_host());
    });
    expect_requests(2);
}

} // namespace
} // namespace drukbox::sdk
