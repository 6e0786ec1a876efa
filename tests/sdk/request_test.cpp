#include "sdk/request.hpp"

#include <drukbox/sandbox_error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace drukbox::sdk {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

SandboxConfig config()
{
    return SandboxConfig{"https://sandbox.test", "t-test"};
}

Lease::TimePoint june(std::chrono::microseconds since_noon = 0us)
{
    return std::chrono::sys_days{std::chrono::year{2026} / 6 / 1} + 12h + since_noon;
}

std::string refusal_of(const CreateHostRequest& request)
{
    try {
        (void)create_host_request(config(), request);
    } catch (const SandboxUsageError& error) {
        EXPECT_EQ(error.operation(), "create_host");
        return error.what();
    }
    return "accepted";
}

std::vector<http::Headers::Field> fields_of(const http::Request& request)
{
    return {request.headers.begin(), request.headers.end()};
}

std::string create_body(const CreateHostRequest& request)
{
    return create_host_request(config(), request).body.value_or("absent");
}

// What the published Python client puts on the wire, byte by byte.

TEST(RequestTest, ACreateWithoutOptionsSendsAnEmptyObject)
{
    const http::Request request = create_host_request(config(), CreateHostRequest{});
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://sandbox.test/hosts");
    EXPECT_EQ(request.body, "{}");
    EXPECT_THAT(fields_of(request),
                ElementsAre(Pair("Accept", "application/json"), Pair("Authorization", "Bearer t-test"),
                            Pair("Content-Type", "application/json")));
}

TEST(RequestTest, ACreateSendsWhatIsSetInThePublishedOrderAndCompact)
{
    const auto create = CreateHostRequest{}
                            .image("ghcr.io/drukbox/sandbox:test")
                            .env("FOO", "bar")
                            .expires(Lease::until(june()))
                            .idempotency_key("agent-run-42")
                            .disk_gb(50)
                            .instance_type("cx23")
                            .provider("hetzner");
    const http::Request request = create_host_request(config(), create);
    EXPECT_EQ(request.body, R"({"disk_gb":50,"env":{"FOO":"bar"},"expires_at":"2026-06-01T12:00:00+00:00",)"
                            R"("image":"ghcr.io/drukbox/sandbox:test","instance_type":"cx23",)"
                            R"("provider":"hetzner"})");
    EXPECT_EQ(request.headers.find("Idempotency-Key"), "agent-run-42");
}

TEST(RequestTest, VariablesKeepTheirOrderAndTheLastValueOfAName)
{
    EXPECT_EQ(create_body(CreateHostRequest{}.env("B", "1").env("A", "2").env("B", "3")),
              R"({"env":{"B":"3","A":"2"}})");
}

TEST(RequestTest, TextIsEscapedAsPythonDoes)
{
    EXPECT_EQ(create_body(CreateHostRequest{}.env("K", "a\"b\\c\n\t\x01/\x7f").image("gr\xc3\xbc\xc3\x9f")),
              "{\"env\":{\"K\":\"a\\\"b\\\\c\\n\\t\\u0001/\x7f\"},\"image\":\"gr\xc3\xbc\xc3\x9f\"}");
    EXPECT_EQ(create_body(CreateHostRequest{}.env("a\"b", "")), R"({"env":{"a\"b":""}})");
}

TEST(RequestTest, ALeaseIsAbsentNullOrATime)
{
    EXPECT_EQ(create_body(CreateHostRequest{}.expires(Lease())), "{}");
    EXPECT_EQ(create_body(CreateHostRequest{}.expires(Lease::permanent())), R"({"expires_at":null})");
    EXPECT_EQ(create_body(CreateHostRequest{}.expires(Lease::until(june(1us)))),
              R"({"expires_at":"2026-06-01T12:00:00.000001+00:00"})");
}

TEST(RequestTest, ReadsHaveNoBodyAndNoContentType)
{
    const http::Request get = get_host_request(config(), "get_host", "0190b5e2-7c1a-7def-8abc-0123456789ab");
    EXPECT_EQ(get.method, "GET");
    EXPECT_EQ(get.url, "https://sandbox.test/hosts/0190b5e2-7c1a-7def-8abc-0123456789ab");
    EXPECT_EQ(get.body, std::nullopt);
    EXPECT_THAT(fields_of(get),
                ElementsAre(Pair("Accept", "application/json"), Pair("Authorization", "Bearer t-test")));

    EXPECT_EQ(list_hosts_request(config()).method, "GET");
    EXPECT_EQ(list_hosts_request(config()).url, "https://sandbox.test/hosts");
    EXPECT_EQ(doctor_request(config()).method, "GET");
    EXPECT_EQ(doctor_request(config()).url, "https://sandbox.test/doctor");
}

TEST(RequestTest, ADeleteHasNoBody)
{
    const http::Request request = delete_host_request(config(), "a");
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.url, "https://sandbox.test/hosts/a");
    EXPECT_EQ(request.body, std::nullopt);
}

TEST(RequestTest, ARenewalSendsItsTimeOrNothing)
{
    EXPECT_EQ(renew_host_request(config(), "a", Lease()).method, "POST");
    EXPECT_EQ(renew_host_request(config(), "a", Lease()).url, "https://sandbox.test/hosts/a/renew");
    EXPECT_EQ(renew_host_request(config(), "a", Lease()).body, "{}");
    EXPECT_EQ(renew_host_request(config(), "a", Lease::until(june())).body,
              R"({"expires_at":"2026-06-01T12:00:00+00:00"})");
    EXPECT_THROW((void)renew_host_request(config(), "a", Lease::permanent()), SandboxUsageError);
}

TEST(RequestTest, APathOfTheBaseUrlIsKept)
{
    const SandboxConfig prefixed{"http://localhost:8780/litterbox", "t"};
    EXPECT_EQ(list_hosts_request(prefixed).url, "http://localhost:8780/litterbox/hosts");
}

TEST(RequestTest, ACreateOfAProxySendsWhatThePublishedClientSends)
{
    const auto create = CreateHTTPProxyRequest{"github", "https://api.github.com"}
                            .header("X-Z", "1")
                            .header("Authorization", "Bearer \"s\"")
                            .header("X-Z", "2");
    const http::Request request = create_http_proxy_request(config(), create);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://sandbox.test/http-proxies");
    EXPECT_EQ(request.body, R"({"name":"github","target":"https://api.github.com",)"
                            R"("headers":{"X-Z":"2","Authorization":"Bearer \"s\""}})");
    EXPECT_EQ(create_http_proxy_request(config(), CreateHTTPProxyRequest{"a", "b"}).body,
              R"({"name":"a","target":"b","headers":{}})");
}

TEST(RequestTest, AProxyIsAttachedAndDetachedByItsPathAlone)
{
    const http::Request remove = delete_http_proxy_request(config(), "github");
    EXPECT_EQ(remove.method, "DELETE");
    EXPECT_EQ(remove.url, "https://sandbox.test/http-proxies/github");
    EXPECT_EQ(remove.body, std::nullopt);
    const http::Request attach = attach_http_proxy_request(config(), "github", "a");
    EXPECT_EQ(attach.method, "POST");
    EXPECT_EQ(attach.url, "https://sandbox.test/http-proxies/github/hosts/a");
    EXPECT_EQ(attach.body, std::nullopt);
    const http::Request detach = detach_http_proxy_request(config(), "github", "a");
    EXPECT_EQ(detach.method, "DELETE");
    EXPECT_EQ(detach.url, "https://sandbox.test/http-proxies/github/hosts/a");
}

TEST(RequestTest, ProxyNamesAndHostIdsStaySegmentsOfThePath)
{
    EXPECT_EQ(delete_http_proxy_request(config(), "a/b?c").url,
              "https://sandbox.test/http-proxies/a%2Fb%3Fc");
    EXPECT_EQ(attach_http_proxy_request(config(), "../x", "../y").url,
              "https://sandbox.test/http-proxies/..%2Fx/hosts/..%2Fy");
    for (const char* name : {"", ".", ".."}) {
        EXPECT_THROW((void)delete_http_proxy_request(config(), name), SandboxUsageError);
        EXPECT_THROW((void)attach_http_proxy_request(config(), name, "a"), SandboxUsageError);
        EXPECT_THROW((void)attach_http_proxy_request(config(), "a", name), SandboxUsageError);
        EXPECT_THROW((void)detach_http_proxy_request(config(), name, "a"), SandboxUsageError);
        EXPECT_THROW((void)detach_http_proxy_request(config(), "a", name), SandboxUsageError);
    }
}

TEST(RequestTest, AHeaderOfAProxyThatIsNotUtf8IsRefusedWithoutShowingIt)
{
    const auto refusal = [](const CreateHTTPProxyRequest& request) -> std::string {
        try {
            (void)create_http_proxy_request(config(), request);
        } catch (const SandboxUsageError& error) {
            EXPECT_EQ(error.operation(), "create_http_proxy");
            return error.what();
        }
        return "accepted";
    };
    EXPECT_EQ(refusal(CreateHTTPProxyRequest{"\xff", "t"}), "name is not UTF-8");
    EXPECT_EQ(refusal(CreateHTTPProxyRequest{"n", "\xff"}), "target is not UTF-8");
    EXPECT_EQ(refusal(CreateHTTPProxyRequest{"n", "t"}.header("\xff", "secret")),
              "a name in headers is not UTF-8");
    EXPECT_EQ(refusal(CreateHTTPProxyRequest{"n", "t"}.header("A", "secret\xff")),
              "the value of A in headers is not UTF-8");
}

TEST(RequestTest, AHostIdIsPercentEncoded)
{
    EXPECT_EQ(get_host_request(config(), "get_host", "a/../b?c#d%2f {\xc3\xbc}~-._:").url,
              "https://sandbox.test/hosts/a%2F..%2Fb%3Fc%23d%252f%20%7B%C3%BC%7D~-._:");
    EXPECT_EQ(delete_host_request(config(), "a\r\nb").url, "https://sandbox.test/hosts/a%0D%0Ab");
}

TEST(RequestTest, WhatIsNoHostIdIsRefusedBeforeAnythingIsSent)
{
    for (const char* id : {"", ".", ".."}) {
        EXPECT_THROW((void)get_host_request(config(), "attach", id), SandboxUsageError);
        EXPECT_THROW((void)renew_host_request(config(), id, Lease()), SandboxUsageError);
        EXPECT_THROW((void)delete_host_request(config(), id), SandboxUsageError);
    }
}

TEST(RequestTest, AnIdempotencyKeyCannotAddAHeader)
{
    for (const char* key : {"", "a\r\nX: y", "a\nb", "\t", "\x7f"}) {
        EXPECT_THAT(refusal_of(CreateHostRequest{}.idempotency_key(key)), HasSubstr("idempotency key"))
            << key;
    }
    EXPECT_EQ(refusal_of(CreateHostRequest{}.idempotency_key("the service judges this")), "accepted");
}

TEST(RequestTest, TextThatIsNotUtf8IsRefusedWithoutShowingIt)
{
    EXPECT_EQ(refusal_of(CreateHostRequest{}.image("\xff")), "image is not UTF-8");
    EXPECT_EQ(refusal_of(CreateHostRequest{}.env("A", "secret\xff")), "the value of A in env is not UTF-8");
    EXPECT_EQ(refusal_of(CreateHostRequest{}.env("\xff", "secret")), "a name in env is not UTF-8");
    EXPECT_EQ(refusal_of(CreateHostRequest{}.provider("\xff")), "provider is not UTF-8");
    EXPECT_EQ(refusal_of(CreateHostRequest{}.instance_type("\xff")), "instance_type is not UTF-8");
}

TEST(RequestTest, OnlyReadsMayBeSentTwice)
{
    EXPECT_TRUE(get_host_request(config(), "get_host", "a").idempotent);
    EXPECT_TRUE(list_hosts_request(config()).idempotent);
    EXPECT_TRUE(doctor_request(config()).idempotent);
    EXPECT_FALSE(create_host_request(config(), CreateHostRequest{}.idempotency_key("k")).idempotent);
    EXPECT_FALSE(renew_host_request(config(), "a", Lease()).idempotent);
    EXPECT_FALSE(delete_host_request(config(), "a").idempotent);
    EXPECT_FALSE(create_http_proxy_request(config(), CreateHTTPProxyRequest{"a", "b"}).idempotent);
    EXPECT_FALSE(delete_http_proxy_request(config(), "a").idempotent);
    EXPECT_FALSE(attach_http_proxy_request(config(), "a", "b").idempotent);
    EXPECT_FALSE(detach_http_proxy_request(config(), "a", "b").idempotent);
}

TEST(RequestTest, OnlyACreateHoldsItsConnectionForLong)
{
    EXPECT_EQ(create_host_request(config(), CreateHostRequest{}).lane, http::Lane::lengthy);
    EXPECT_EQ(get_host_request(config(), "get_host", "a").lane, http::Lane::brief);
    EXPECT_EQ(delete_host_request(config(), "a").lane, http::Lane::brief);
    EXPECT_EQ(renew_host_request(config(), "a", Lease()).lane, http::Lane::brief);
}

TEST(ClientOptionsTest, KeepConnectionsFreeOfCreatesWhateverTheLimit)
{
    SandboxConfig small = config();
    for (const auto& [limit, reserved] : {std::pair{20, 2}, {3, 2}, {2, 1}, {1, 0}}) {
        small.max_connections = static_cast<std::size_t>(limit);
        EXPECT_EQ(client_options(small).max_connections, static_cast<std::size_t>(limit));
        EXPECT_EQ(client_options(small).reserved_for_brief, static_cast<std::size_t>(reserved)) << limit;
    }
}

TEST(ClientOptionsTest, TlsIsVerifiedUnlessTheLongNameIsSet)
{
    SandboxConfig open = config();
    EXPECT_TRUE(client_options(open).verify_tls);
    open.insecure_skip_tls_verification = true;
    EXPECT_FALSE(client_options(open).verify_tls);
}

TEST(ClientOptionsTest, KeepATokenFromAProxyOfTheEnvironmentThatIsElsewhere)
{
    SandboxConfig plain{"http://127.0.0.1:8780", "t"};
    SandboxConfig asked_for = plain;
    asked_for.allow_plain_http = true;
    for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy"}) {
        ::setenv(name, "http://proxy.test:3128", 1);
        EXPECT_TRUE(client_options(plain).direct) << name;
        EXPECT_FALSE(client_options(asked_for).direct) << name;
        EXPECT_FALSE(client_options(config()).direct) << name << ": it sees nothing of https://";
        ::setenv(name, "127.0.0.1:3128", 1);
        EXPECT_FALSE(client_options(plain).direct) << name;
        ::unsetenv(name);
    }
    EXPECT_FALSE(client_options(plain).direct);
}

TEST(ClientOptionsTest, NameTheLibraryToTheService)
{
    EXPECT_THAT(client_options(config()).user_agent,
                ::testing::MatchesRegex("drukbox/[0-9]+\\.[0-9]+\\.[0-9]+"));
    SandboxConfig named = config();
    named.user_agent = "agents/7";
    EXPECT_EQ(client_options(named).user_agent, "agents/7");
}

} // namespace
} // namespace drukbox::sdk
