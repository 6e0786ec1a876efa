#include "testing/exchange.hpp"
#include "testing/fixture.hpp"

#include <string>
#include <string_view>

// What the service refuses, and in which words.
namespace drukbox::test {
namespace {

using namespace drukbox::testing;

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view token = "Authorization: Bearer test-token\r\n";

class RulesTest : public ServiceTest
{
protected:
    [[nodiscard]] Exchange send(std::string_view line, std::string_view headers,
                                std::string_view body = {}) const
    {
        return {service_.port(), line, headers, body};
    }

    /// The findings of a create that is refused.
    [[nodiscard]] std::string refusal_of(std::string_view body) const
    {
        const Exchange exchange = send("POST /hosts", token, body);
        EXPECT_EQ(exchange.status, "422") << body;
        return exchange.body;
    }

    [[nodiscard]] std::string proxy_refusal_of(std::string_view body) const
    {
        const Exchange exchange = send("POST /http-proxies", token, body);
        EXPECT_EQ(exchange.status, "422") << body;
        return exchange.body;
    }
};

TEST_F(RulesTest, NoTokenIsAskedForOneAndAWrongOneIsRejected)
{
    for (const std::string_view headers : {"", "Authorization: Basic x\r\n", "Authorization: Bearer \r\n"}) {
        const Exchange exchange = send("GET /hosts", headers);
        EXPECT_EQ(exchange.status, "401");
        EXPECT_EQ(exchange.body, R"({"detail":"service token required"})");
    }
    const Exchange rejected = send("GET /hosts", "Authorization: Bearer other\r\n");
    EXPECT_EQ(rejected.status, "403");
    EXPECT_EQ(rejected.body, R"({"detail":"service token rejected"})");
    EXPECT_EQ(send("GET /hosts", "authorization: bearer  test-token \r\n").status, "200");
    EXPECT_EQ(send("GET /healthz", "").body, R"({"status":"ok"})");
}

TEST_F(RulesTest, UnknownPathsAndMethodsNeedNoToken)
{
    const Exchange unknown = send("GET /nothing", "");
    EXPECT_EQ(unknown.status, "404");
    EXPECT_EQ(unknown.body, R"({"detail":"Not Found"})");
    const Exchange method = send("PUT /hosts", "");
    EXPECT_EQ(method.status, "405");
    EXPECT_EQ(method.body, R"({"detail":"Method Not Allowed"})");
    EXPECT_THAT(method.head, HasSubstr("\r\nAllow: POST, GET\r\n"));
    EXPECT_EQ(send("GET /hosts/", "").status, "404");
    EXPECT_EQ(send("GET /hosts/a/b/c", "").status, "404");
}

TEST_F(RulesTest, ABodyMayBeAbsentEmptyOrNull)
{
    for (const std::string_view body : {"", "null", "{}", R"({"unknown":1,"image":null,"disk_gb":null})"}) {
        EXPECT_EQ(send("POST /hosts", token, body).status, "201") << body;
    }
}

TEST_F(RulesTest, ABodyIsAJsonObject)
{
    EXPECT_THAT(refusal_of("{"), HasSubstr(R"("msg":"JSON decode error")"));
    EXPECT_THAT(refusal_of("[]"), HasSubstr(R"("type":"model_attributes_type","loc":["body"])"));
    const Exchange text =
        send("POST /hosts", std::string{token} + "Content-Type: text/plain\r\n", R"({"image":"a"})");
    EXPECT_THAT(text.body, HasSubstr("model_attributes_type"));
}

TEST_F(RulesTest, ValuesAreOfTheirTypeAndNotBlank)
{
    EXPECT_EQ(refusal_of(R"({"image":" "})"), R"({"detail":[{"type":"value_error","loc":["body","image"],)"
                                              R"("msg":"Value error, image must not be blank"}]})");
    EXPECT_THAT(refusal_of(R"({"image":"a\nb"})"), HasSubstr("image must not contain control characters"));
    EXPECT_THAT(refusal_of(R"({"image":1})"), HasSubstr("Input should be a valid string"));
    EXPECT_THAT(refusal_of(R"({"provider":1})"), HasSubstr(R"(["body","provider"])"));
    EXPECT_THAT(refusal_of(R"({"instance_type":""})"), HasSubstr("instance_type must not be blank"));
    EXPECT_THAT(refusal_of(R"({"disk_gb":0})"), HasSubstr("greater than or equal to 1"));
    EXPECT_THAT(refusal_of(R"({"disk_gb":"1"})"), HasSubstr("valid integer"));
    EXPECT_THAT(refusal_of(R"({"disk_gb":1.5})"), HasSubstr("valid integer"));
    EXPECT_THAT(refusal_of(R"({"disk_gb":1.5})"), HasSubstr(R"("type":"int_from_float")"));
    EXPECT_THAT(refusal_of(R"({"disk_gb":1000000000000001})"), HasSubstr(R"("type":"int_parsing_size")"));
    EXPECT_EQ(send("POST /hosts", token, R"({"disk_gb":1e15})").status, "201");
    EXPECT_THAT(refusal_of(R"({"image":"a\u0000b"})"),
                HasSubstr("image must not contain control characters"));
}

TEST_F(RulesTest, AQueryIsLookedAt)
{
    const auto refused = [this](const std::string& query) { return send("GET /hosts?" + query, token).body; };
    EXPECT_THAT(refused("limit=1001"), HasSubstr("less than or equal to 1000"));
    EXPECT_THAT(refused("cursor=x"), HasSubstr("cursor must come from a Link header"));
    EXPECT_THAT(refused("status=gone"), HasSubstr(R"("type":"enum")"));
    EXPECT_THAT(refused("provider=a%00"), HasSubstr("provider must be a name"));
    EXPECT_THAT(send("DELETE /hosts/" + state_.add_host().id + "?force=much", token).body,
                HasSubstr("valid boolean"));
}

TEST_F(RulesTest, VariablesHaveNamesAndTheirValuesDoNotComeBack)
{
    EXPECT_THAT(refusal_of(R"({"env":null})"), HasSubstr("valid dictionary"));
    EXPECT_THAT(refusal_of(R"({"env":{"A":7}})"), HasSubstr(R"(["body","env","A"])"));
    const std::string unfit = refusal_of(R"({"env":{"b-c":"secret","1a":"secret","OK":"secret"}})");
    EXPECT_THAT(unfit, HasSubstr("env keys must be valid environment variable names: 1a, b-c"));
    EXPECT_THAT(unfit, ::testing::Not(HasSubstr("secret")));
    EXPECT_THAT(refusal_of(R"({"env":{"TAILSCALE_AUTHKEY":"x"}})"),
                HasSubstr("reserved env keys are not allowed: TAILSCALE_AUTHKEY"));
}

TEST_F(RulesTest, ALeaseEndsInTheFutureWithAnOffset)
{
    EXPECT_THAT(refusal_of(R"({"expires_at":"2001-01-01T00:00:00Z"})"), HasSubstr("must be in the future"));
    EXPECT_THAT(refusal_of(R"({"expires_at":"2101-01-01T00:00:00"})"),
                HasSubstr("include a timezone offset"));
    EXPECT_THAT(refusal_of(R"({"expires_at":"soon"})"), HasSubstr("valid datetime"));
    EXPECT_THAT(refusal_of(R"({"expires_at":7})"), HasSubstr("valid datetime"));
}

TEST_F(RulesTest, AnIdempotencyKeyHasItsForm)
{
    const auto refused = [this](const std::string& key) {
        return send("POST /hosts", std::string{token} + "Idempotency-Key: " + key + "\r\n").body;
    };
    EXPECT_THAT(refused(""), HasSubstr("at least 1 character"));
    EXPECT_THAT(refused("a b"), HasSubstr("should match pattern"));
    EXPECT_THAT(refused(std::string(256, 'a')), HasSubstr("at most 255 characters"));
}

TEST_F(RulesTest, AllFindingsComeAtOnce)
{
    const Exchange exchange = send("POST /hosts", std::string{token} + "Idempotency-Key: a b\r\n",
                                   R"({"image":"","env":1,"disk_gb":-1})");
    const std::string& body = exchange.body;
    const auto key = body.find("Idempotency-Key");
    const auto image = body.find(R"("body","image")");
    const auto env = body.find(R"("body","env")");
    const auto disk = body.find(R"("body","disk_gb")");
    EXPECT_TRUE(key < image && image < env && env < disk && disk != std::string::npos) << body;
}

TEST_F(RulesTest, AHostIdIsAUuidInAnyOfItsForms)
{
    EXPECT_THAT(send("GET /hosts/x", token).body, HasSubstr("Input should be a valid UUID"));
    EXPECT_EQ(send("DELETE /hosts/x", token).status, "422");
    EXPECT_EQ(send("POST /hosts/x/renew", token).status, "422");
    std::string id = state_.add_host().id;
    EXPECT_EQ(send("GET /hosts/urn:uuid:" + id, token).status, "200");
    EXPECT_EQ(send("GET /hosts/%7B" + id + "%7D", token).status, "200");
    std::erase(id, '-');
    EXPECT_EQ(send("GET /hosts/" + id, token).status, "200");
}

TEST_F(RulesTest, AProxyHasANameATargetAndHeaders)
{
    const auto with_target = [](std::string_view target) {
        return R"({"name":"p","headers":{"A":"b"},"target":")" + std::string{target} + "\"}";
    };
    EXPECT_THAT(proxy_refusal_of(""), HasSubstr(R"("type":"missing","loc":["body"])"));
    const std::string nothing = proxy_refusal_of("{}");
    EXPECT_THAT(nothing, HasSubstr(R"(["body","name"])"));
    EXPECT_THAT(nothing, HasSubstr(R"(["body","target"])"));
    EXPECT_THAT(nothing, HasSubstr(R"(["body","headers"])"));
    EXPECT_THAT(proxy_refusal_of(R"({"name":"-p","target":"http://a","headers":{"A":"b"}})"),
                HasSubstr("should match pattern"));
    EXPECT_THAT(proxy_refusal_of(R"({"name":"p","target":"http://a","headers":{}})"), HasSubstr("too_short"));
    EXPECT_THAT(proxy_refusal_of(R"({"name":"p","target":"http://a","headers":{"A":1}})"),
                HasSubstr(R"(["body","headers","A"])"));
    EXPECT_THAT(proxy_refusal_of(with_target("ftp://a")), HasSubstr("'http' or 'https'"));
    EXPECT_THAT(proxy_refusal_of(with_target("http://")), HasSubstr("Input should be a valid URL"));
    EXPECT_THAT(proxy_refusal_of(with_target("http://" + std::string(2083, 'a'))), HasSubstr("2083"));
    EXPECT_THAT(proxy_refusal_of(with_target("https://u:secret@a")),
                HasSubstr("target URL must not contain credentials"));
    EXPECT_THAT(proxy_refusal_of(with_target("https://a/b")), HasSubstr("must not contain a path"));
    EXPECT_THAT(proxy_refusal_of(with_target("https://a/?b")), HasSubstr("must not contain a query string"));
    EXPECT_THAT(proxy_refusal_of(with_target("https://a#b")), HasSubstr("must not contain a fragment"));
    EXPECT_EQ(send("POST /http-proxies", token, with_target("https://a/")).status, "201");
    EXPECT_EQ(send("DELETE /http-proxies/-", token).status, "422");
}

} // namespace
} // namespace drukbox::test
