#include "sdk/sample.hpp"
#include "wire/http_proxy_record.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace drukbox::sdk {
namespace {

using namespace std::chrono_literals;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;
using drukbox::testing::RecordedRequest;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Operations over the blocking client: the async one is under it.
class OperationsTest : public ::testing::Test
{
protected:
    [[nodiscard]] RecordedRequest last_request() const { return service_.requests().back(); }

    template <class Error, class Action>
    Error expect_error(const Action& action)
    {
        SandboxErrorInfo none;
        try {
            action();
        } catch (const Error& error) {
            EXPECT_EQ(typeid(error).name(), typeid(Error).name());
            EXPECT_EQ(error.what(), error.detail());
            return error;
        } catch (const std::exception& error) {
            ADD_FAILURE() << "another error: " << typeid(error).name() << ": " << error.what();
            return Error{none};
        }
        ADD_FAILURE() << "no error";
        return Error{none};
    }

    FakeService service_;
    SandboxClient client_{service_.url(), "t-test"};
};

TEST_F(OperationsTest, CreateSendsWhatThePublishedClientSends)
{
    service_.answer(Answer::json(201, sample_json()));
    const auto request = CreateHostRequest{}
                             .image("ghcr.io/drukbox/sandbox:test")
                             .env("FOO", "bar")
                             .idempotency_key("agent-run-42");
    EXPECT_EQ(client_.create_host(request), sample_host());
    EXPECT_EQ(last_request().method, "POST");
    EXPECT_EQ(last_request().target, "/hosts");
    EXPECT_EQ(last_request().header("Authorization"), "Bearer t-test");
    EXPECT_EQ(last_request().header("Accept"), "application/json");
    EXPECT_EQ(last_request().header("Content-Type"), "application/json");
    EXPECT_EQ(last_request().header("Idempotency-Key"), "agent-run-42");
    EXPECT_EQ(last_request().body, R"({"env":{"FOO":"bar"},"image":"ghcr.io/drukbox/sandbox:test"})");
}

TEST_F(OperationsTest, CreateWithoutOptionsSendsABareObject)
{
    service_.answer(Answer::json(201, sample_json()));
    EXPECT_EQ(client_.create_host(), sample_host());
    EXPECT_EQ(last_request().body, "{}");
    EXPECT_EQ(last_request().header("Content-Length"), "2");
    EXPECT_EQ(last_request().header("Idempotency-Key"), "");
}

TEST_F(OperationsTest, GetAndAttachAreTheSameCallMadeAnew)
{
    service_.answer_always(Answer::json(200, sample_json()));
    EXPECT_EQ(client_.get_host(host_id), sample_host());
    EXPECT_EQ(client_.attach(host_id), sample_host());
    ASSERT_EQ(service_.requests().size(), 2U);
    for (const RecordedRequest& request : service_.requests()) {
        EXPECT_EQ(request.method, "GET");
        EXPECT_EQ(request.target, "/hosts/" + host_id);
        EXPECT_EQ(request.body, "");
        EXPECT_EQ(request.header("Content-Length"), "");
        EXPECT_EQ(request.header("Content-Type"), "");
    }
}

TEST_F(OperationsTest, ListGivesEveryRecord)
{
    const std::vector<SandboxHost> hosts(3, sample_host());
    service_.answer(Answer::json(200, wire::serialize(hosts)));
    EXPECT_EQ(client_.list_hosts(), hosts);
    EXPECT_EQ(last_request().target, "/hosts");
    service_.answer(Answer::json(200, "[]"));
    EXPECT_TRUE(client_.list_hosts().empty());
}

TEST_F(OperationsTest, RenewSendsTheLease)
{
    service_.answer_always(Answer::json(200, sample_json()));
    EXPECT_EQ(client_.renew_host(host_id), sample_host());
    EXPECT_EQ(last_request().method, "POST");
    EXPECT_EQ(last_request().target, "/hosts/" + host_id + "/renew");
    EXPECT_EQ(last_request().body, "{}");
    (void)client_.renew_host(host_id, Lease::until(std::chrono::sys_days{std::chrono::year{2031} / 1 / 2}));
    EXPECT_EQ(last_request().body, R"({"expires_at":"2031-01-02T00:00:00+00:00"})");
}

TEST_F(OperationsTest, DeleteTakesA204AndA200WithJson)
{
    service_.answer(Answer::empty(204));
    client_.delete_host(host_id);
    EXPECT_EQ(last_request().method, "DELETE");
    EXPECT_EQ(last_request().target, "/hosts/" + host_id);
    EXPECT_EQ(last_request().header("Content-Length"), "");
    service_.answer(Answer::json(200, "{}"));
    client_.delete_host(host_id);
}

TEST_F(OperationsTest, DoctorGivesTheReport)
{
    service_.answer(
        Answer::json(200, R"({"ok":false,"active_provider":"local","tailscale_enabled":true,"checks":[)"
                          R"({"name":"db","status":"ok","detail":"select 1 -> 1","latency_ms":1.5,)"
                          R"("hint":null},{"name":"provider","status":"fail","detail":"no bwrap",)"
                          R"("latency_ms":12,"hint":"check_provider_configuration","new":1}]})"));
    DoctorReport expected;
    expected.active_provider = "local";
    expected.tailscale_enabled = true;
    expected.checks.resize(2);
    expected.checks[0].name = "db";
    expected.checks[0].status = "ok";
    expected.checks[0].detail = "select 1 -> 1";
    expected.checks[0].latency_ms = 1.5;
    expected.checks[1].name = "provider";
    expected.checks[1].status = "fail";
    expected.checks[1].detail = "no bwrap";
    expected.checks[1].latency_ms = 12;
    expected.checks[1].hint = "check_provider_configuration";
    EXPECT_EQ(client_.doctor(), expected);
    EXPECT_EQ(last_request().target, "/doctor");
}

TEST_F(OperationsTest, AReportOfTheWrongShapeIsAResponseError)
{
    for (const char* body : {"{}", "[]", R"({"ok":1})",
                             R"({"ok":true,"active_provider":"x","tailscale_enabled":false,"checks":[{}]})",
                             R"({"ok":true,"active_provider":"x","tailscale_enabled":false,"checks":{}})"}) {
        service_.answer(Answer::json(200, body));
        expect_error<SandboxResponseError>([&] { (void)client_.doctor(); });
    }
}

TEST_F(OperationsTest, AProxyIsMadeAttachedDetachedAndRemoved)
{
    HTTPProxy proxy;
    proxy.name = "github";
    proxy.status = "created";
    service_.answer(Answer::json(201, wire::serialize(proxy)));
    EXPECT_EQ(client_.create_http_proxy(
                  CreateHTTPProxyRequest{"github", "https://api.github.com"}.header("X-Key", "k")),
              proxy);
    EXPECT_EQ(last_request().target, "/http-proxies");
    EXPECT_EQ(last_request().body,
              R"({"name":"github","target":"https://api.github.com","headers":{"X-Key":"k"}})");

    HTTPProxyAttachment attachment;
    attachment.name = "github";
    attachment.host_id = host_id;
    attachment.status = "attached";
    service_.answer(Answer::json(200, wire::serialize(attachment)));
    EXPECT_EQ(client_.attach_http_proxy("github", host_id), attachment);
    EXPECT_EQ(last_request().method, "POST");
    EXPECT_EQ(last_request().target, "/http-proxies/github/hosts/" + host_id);
    EXPECT_EQ(last_request().header("Content-Length"), "0");
    EXPECT_EQ(last_request().header("Content-Type"), "");

    service_.answer_always(Answer::empty(204));
    client_.detach_http_proxy("github", host_id);
    EXPECT_EQ(last_request().method, "DELETE");
    EXPECT_EQ(last_request().target, "/http-proxies/github/hosts/" + host_id);
    client_.delete_http_proxy("github");
    EXPECT_EQ(last_request().method, "DELETE");
    EXPECT_EQ(last_request().target, "/http-proxies/github");
}

TEST_F(OperationsTest, EachStatusIsItsErrorClass)
{
    const auto get = [this] { (void)client_.get_host(host_id); };
    service_.answer(Answer::json(401, R"({"detail":"service token required"})"));
    EXPECT_EQ(expect_error<SandboxAuthError>(get).status(), 401);
    service_.answer(Answer::json(403, R"({"detail":"service token rejected"})"));
    EXPECT_EQ(expect_error<SandboxAuthError>(get).detail(), "service token rejected");
    service_.answer(Answer::json(404, R"({"detail":"host not found","error_code":"NOT_FOUND"})"));
    EXPECT_EQ(expect_error<SandboxNotFoundError>(get).error_code(), "NOT_FOUND");
    service_.answer(Answer::json(409, R"({"detail":"no"})"));
    EXPECT_FALSE(expect_error<SandboxConflictError>(get).retryable());
    service_.answer(Answer::json(422, R"({"detail":[{"msg":"a"},{"msg":"b"}]})"));
    EXPECT_EQ(expect_error<SandboxValidationError>(get).detail(), "a; b");
    service_.answer(Answer::json(502, R"({"detail":"X: y"})"));
    EXPECT_EQ(expect_error<SandboxProvisioningError>(get).detail(), "X: y");
    service_.answer(Answer::json(503, R"({"detail":"z"})"));
    EXPECT_TRUE(expect_error<SandboxUnavailableError>(get).retryable());
    service_.answer(Answer::text(500, "text/plain", "Internal Server Error"));
    EXPECT_EQ(expect_error<SandboxResponseError>(get).status(), 500);
    service_.answer(Answer::text(502, "text/html", "<html>Bad Gateway</html>"));
    EXPECT_EQ(expect_error<SandboxProvisioningError>(get).detail(), "provisioning failed");
}

TEST_F(OperationsTest, AnErrorNamesItsOperation)
{
    service_.answer_always(Answer::json(404, "{}"));
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { client_.create_host(); }).operation(),
              "create_host");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { (void)client_.get_host("a"); }).operation(),
              "get_host");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { (void)client_.attach("a"); }).operation(),
              "attach");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { (void)client_.list_hosts(); }).operation(),
              "list_hosts");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { client_.renew_host("a"); }).operation(),
              "renew_host");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { client_.delete_host("a"); }).operation(),
              "delete_host");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { (void)client_.doctor(); }).operation(), "doctor");
    const CreateHTTPProxyRequest proxy{"a", "https://b"};
    EXPECT_EQ(expect_error<SandboxNotFoundError>([&] { client_.create_http_proxy(proxy); }).operation(),
              "create_http_proxy");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { client_.delete_http_proxy("a"); }).operation(),
              "delete_http_proxy");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { client_.attach_http_proxy("a", "b"); }).operation(),
              "attach_http_proxy");
    EXPECT_EQ(expect_error<SandboxNotFoundError>([this] { client_.detach_http_proxy("a", "b"); }).operation(),
              "detach_http_proxy");
    EXPECT_EQ(expect_error<SandboxUsageError>([this] { (void)client_.attach(""); }).operation(), "attach");
}

TEST_F(OperationsTest, ErrorsAreCaughtByTheirBases)
{
    service_.answer_always(Answer::json(409, "{}"));
    EXPECT_THROW((void)client_.get_host("a"), SandboxAPIError);
    EXPECT_THROW((void)client_.get_host("a"), SandboxError);
    EXPECT_THROW((void)client_.get_host("a"), std::runtime_error);
    static_assert(!std::is_base_of_v<SandboxAPIError, SandboxUnavailableError>);
    static_assert(std::is_base_of_v<SandboxError, SandboxUnavailableError>);
    static_assert(std::is_nothrow_copy_constructible_v<SandboxConflictError>);
}

TEST_F(OperationsTest, ASuccessThatMakesNoSenseIsAResponseError)
{
    const auto get = [this] { (void)client_.get_host(host_id); };
    service_.answer(Answer::text(200, "text/html", "<html>oops</html>"));
    EXPECT_THAT(expect_error<SandboxResponseError>(get).detail(), HasSubstr("non-JSON"));
    service_.answer(Answer::empty(200));
    EXPECT_THAT(expect_error<SandboxResponseError>(get).detail(), HasSubstr("non-JSON"));
    service_.answer(Answer::json(200, "[]"));
    EXPECT_THAT(expect_error<SandboxResponseError>(get).detail(), HasSubstr("expected an object"));
    service_.answer(Answer::json(200, R"({"id":7})"));
    EXPECT_THAT(expect_error<SandboxResponseError>(get).detail(), HasSubstr("id: expected a string"));
    service_.answer(Answer::empty(204));
    EXPECT_THAT(expect_error<SandboxResponseError>(get).detail(), HasSubstr("without a record"));
    service_.answer(Answer::json(200, "{}"));
    expect_error<SandboxResponseError>([this] { (void)client_.list_hosts(); });
    service_.answer(Answer::text(200, "text/html", "<html>"));
    expect_error<SandboxResponseError>([this] { (void)client_.list_hosts(); });
    service_.answer(Answer::text(200, "text/html", "<html>"));
    expect_error<SandboxResponseError>([this] { client_.delete_host(host_id); });
    service_.answer(Answer::empty(200));
    expect_error<SandboxResponseError>([this] { client_.delete_host(host_id); });
}

TEST_F(OperationsTest, ARedirectIsNotFollowed)
{
    service_.answer(
        Answer::raw("HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(expect_error<SandboxResponseError>([this] { (void)client_.get_host("a"); }).status(), 307);
    EXPECT_EQ(service_.requests().size(), 1U);
}

TEST_F(OperationsTest, AServiceThatIsNotThereIsUnavailableAndMayBeTriedAgain)
{
    std::string url;
    {
        const FakeService gone;
        url = gone.url();
    }
    const SandboxClient client{url, "t-test"};
    const auto error = expect_error<SandboxUnavailableError>([&] { client.create_host(); });
    EXPECT_THAT(error.detail(), StartsWith("transport failed: "));
    EXPECT_EQ(error.status(), 0);
    EXPECT_TRUE(error.retryable());
}

TEST_F(OperationsTest, ACutConnectionIsRetryableOnlyWhereNothingIsDoneTwice)
{
    for (const auto& cut : {Answer::drop(), Answer::raw("HTTP/1.1 201 Cre"),
                            Answer::raw("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"id\"")}) {
        service_.answer(cut);
        EXPECT_FALSE(expect_error<SandboxUnavailableError>([this] { client_.create_host(); }).retryable());
        service_.answer(cut);
        const auto keyed = CreateHostRequest{}.idempotency_key("k");
        EXPECT_TRUE(expect_error<SandboxUnavailableError>([&] { client_.create_host(keyed); }).retryable());
        service_.answer(cut);
        EXPECT_TRUE(expect_error<SandboxUnavailableError>([this] { client_.delete_host("a"); }).retryable());
    }
    EXPECT_EQ(service_.requests().size(), 9U) << "nothing is sent twice";
    service_.answer(Answer::json(200, sample_json()));
    EXPECT_EQ(client_.get_host(host_id), sample_host()) << "the client is usable afterwards";
}

TEST_F(OperationsTest, ATimeoutIsUnavailable)
{
    service_.answer(Answer::json(200, sample_json()).held());
    const SandboxClient hasty = client_.with_timeout(50ms);
    EXPECT_EQ(hasty.timeout(), 50ms);
    EXPECT_EQ(client_.timeout(), 300s);
    EXPECT_TRUE(expect_error<SandboxUnavailableError>([&] { (void)hasty.get_host(host_id); }).retryable());
    EXPECT_TRUE(service_.wait_until_connections_open(0)) << "the connection is closed";
    service_.answer(Answer::json(200, sample_json()));
    EXPECT_EQ(hasty.get_host(host_id), sample_host());
    EXPECT_THROW((void)client_.with_timeout(-1ms), SandboxUsageError);
}

TEST_F(OperationsTest, ATrailingSlashOfTheUrlIsDropped)
{
    const SandboxClient client{service_.url() + "/prefix/", "t-test"};
    EXPECT_EQ(client.base_url(), service_.url() + "/prefix");
    service_.answer(Answer::json(200, "[]"));
    EXPECT_TRUE(client.list_hosts().empty());
    EXPECT_EQ(last_request().target, "/prefix/hosts");
}

TEST_F(OperationsTest, AHostIdStaysOneSegmentOfThePath)
{
    service_.answer(Answer::json(404, "{}"));
    expect_error<SandboxNotFoundError>([this] { (void)client_.get_host("../doctor?x#y"); });
    EXPECT_EQ(last_request().target, "/hosts/..%2Fdoctor%3Fx%23y");
}

TEST_F(OperationsTest, TheClientComesFromTheEnvironmentToo)
{
    ASSERT_EQ(::setenv("OPERATIONS_TEST_SERVICE_URL", service_.url().c_str(), 1), 0);
    ASSERT_EQ(::setenv("OPERATIONS_TEST_SERVICE_TOKEN", "from-env", 1), 0);
    service_.answer(Answer::json(200, "[]"));
    EXPECT_TRUE(SandboxClient::from_env("OPERATIONS_TEST_").list_hosts().empty());
    EXPECT_EQ(last_request().header("Authorization"), "Bearer from-env");
    ::unsetenv("OPERATIONS_TEST_SERVICE_URL");
    ::unsetenv("OPERATIONS_TEST_SERVICE_TOKEN");
}

TEST_F(OperationsTest, NoErrorHoldsTheTokenAVariableOrTheKeyOfARecord)
{
    const SandboxClient client{service_.url(), "hunter2-token"};
    SandboxHost host = sample_host();
    host.private_key = "hunter2-key";
    std::string malformed = wire::serialize(host);
    malformed.replace(malformed.find("40022"), 5, "70000");
    const auto request = CreateHostRequest{}.env("A", "hunter2-env");
    for (const auto& answer : {Answer::json(201, malformed), Answer::json(201, malformed.substr(0, 600)),
                               Answer::text(500, "text/plain", malformed), Answer::drop()}) {
        service_.answer(answer);
        try {
            client.create_host(request);
            ADD_FAILURE();
        } catch (const SandboxError& error) {
            EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
        }
    }
}

TEST_F(OperationsTest, NoErrorHoldsAHeaderOfAProxy)
{
    const auto proxy = CreateHTTPProxyRequest{"a", "https://b"}.header("A", "hunter2");
    for (const auto& answer : {Answer::json(201, R"({"name":"a","status":{"A":"hunter2"}})"),
                               Answer::json(201, R"({"name":"hunter2)"),
                               Answer::text(500, "text/plain", "A: hunter2"), Answer::drop()}) {
        service_.answer(answer);
        try {
            client_.create_http_proxy(proxy);
            ADD_FAILURE();
        } catch (const SandboxError& error) {
            EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
        }
    }
}

} // namespace
} // namespace drukbox::sdk
