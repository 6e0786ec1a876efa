#include "testing/exchange.hpp"
#include "testing/fixture.hpp"

namespace drukbox::test {
namespace {

using namespace drukbox::testing;

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view token = "Authorization: Bearer test-token\r\n";
constexpr std::string_view proxy = R"({"name":"p","target":"https://api.example","headers":{"X-Key":"v"}})";

class HTTPProxiesTest : public ServiceTest
{
protected:
    [[nodiscard]] Exchange send(std::string_view line, std::string_view body = {}) const
    {
        return {service_.port(), line, token, body};
    }
};

TEST_F(HTTPProxiesTest, AreCreatedAndDeletedOnce)
{
    const Exchange created = send("POST /http-proxies", proxy);
    EXPECT_EQ(created.status, "201");
    EXPECT_EQ(created.body, R"({"name":"p","status":"created"})");
    ASSERT_EQ(state_.http_proxies().size(), 1U);
    EXPECT_EQ(state_.http_proxies()[0].target, "https://api.example");
    EXPECT_EQ(state_.http_proxies()[0].headers.at("X-Key"), "v");
    const Exchange again = send("POST /http-proxies", proxy);
    EXPECT_EQ(again.status, "409");
    EXPECT_EQ(again.body, R"({"detail":"http proxy already exists","error_code":"HTTP_PROXY_EXISTS"})");
    EXPECT_EQ(send("DELETE /http-proxies/p").status, "204");
    const Exchange gone = send("DELETE /http-proxies/p");
    EXPECT_EQ(gone.status, "404");
    EXPECT_EQ(gone.body, R"({"detail":"http proxy not found","error_code":"HTTP_PROXY_NOT_FOUND"})");
}

TEST_F(HTTPProxiesTest, AreAttachedToAHostAndDetached)
{
    SandboxHost host = state_.add_host();
    (void)send("POST /http-proxies", proxy);
    const Exchange attached = send("POST /http-proxies/p/hosts/" + host.id);
    EXPECT_EQ(attached.status, "200");
    EXPECT_EQ(attached.body, R"({"name":"p","host_id":")" + host.id + R"(","status":"attached"})");
    EXPECT_THAT(state_.http_proxies()[0].host_ids, ElementsAre(host.id));
    EXPECT_EQ(send("DELETE /http-proxies/p/hosts/" + host.id).status, "204");
    EXPECT_TRUE(state_.http_proxies()[0].host_ids.empty());
    EXPECT_THAT(send("POST /http-proxies/q/hosts/" + host.id).body, HasSubstr("HTTP_PROXY_NOT_FOUND"));
    host.status = "error";
    state_.put_host(host);
    const Exchange conflict = send("POST /http-proxies/p/hosts/" + host.id);
    EXPECT_EQ(conflict.status, "409");
    EXPECT_EQ(conflict.body, R"({"detail":"host does not have a backing VM","error_code":"HOST_STATE"})");
    state_.remove_host(host.id);
    EXPECT_THAT(send("POST /http-proxies/p/hosts/" + host.id).body, HasSubstr(R"("error_code":"NOT_FOUND")"));
}

TEST_F(HTTPProxiesTest, AreNotThereWithAProviderThatHasNone)
{
    FakeServiceOptions options;
    options.supports_http_proxies = false;
    const FakeService service{options};
    for (const auto& [line, body] : {std::pair{std::string{"POST /http-proxies"}, proxy},
                                     {"DELETE /http-proxies/p", ""},
                                     {"POST /http-proxies/p/hosts/" + service.state().add_host().id, ""}}) {
        const Exchange exchange{service.port(), line, token, body};
        EXPECT_EQ(exchange.status, "501");
        EXPECT_EQ(exchange.body, R"({"detail":"VM provider 'fake' does not support HttpProxyCapability",)"
                                 R"("error_code":"HTTP_PROXY_UNSUPPORTED"})");
    }
}

} // namespace
} // namespace drukbox::test
