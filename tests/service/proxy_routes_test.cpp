#include "api_fixture.hpp"
#include "scripted_error.hpp"

namespace drukbox::service {
namespace {

class ProxyRoutesTest : public ApiTest
{
protected:
    http::Response create_proxy(const std::string& name)
    {
        return post("/http-proxies", R"({"name":")" + name +
                                         R"(","target":"https://example.com","headers":{"X-Key":"secret"}})");
    }

    http::Response with_target(const std::string& target)
    {
        cloud->proxies.clear();
        boost::json::object body;
        body["name"] = "p";
        body["target"] = target;
        body["headers"] = boost::json::object{{"X-Key", "secret"}};
        return post("/http-proxies", boost::json::serialize(body));
    }

    http::Response attach(const std::string& proxy, const std::string& host)
    {
        return send(FakeExchange{"POST", "/http-proxies/" + proxy + "/hosts/" + host});
    }

    http::Response detach(const std::string& proxy, const std::string& host)
    {
        return send(FakeExchange{"DELETE", "/http-proxies/" + proxy + "/hosts/" + host});
    }

    const std::string unknown_host = "01890000-0000-7000-8000-000000000000";
};

void expect(const http::Response& response, unsigned status, std::string_view body)
{
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, body);
}

TEST_F(ProxyRoutesTest, MakesAndRemovesAProxy)
{
    expect(create_proxy("p-1"), 201, R"({"name":"p-1","status":"created"})");
    EXPECT_EQ(cloud->proxies.at("p-1").headers.at("X-Key").reveal(), "secret");
    expect(create_proxy("p-1"), 409,
           R"({"detail":"http proxy already exists","error_code":"HTTP_PROXY_EXISTS"})");
    expect(send(FakeExchange{"DELETE", "/http-proxies/p-1"}), 204, "");
    expect(send(FakeExchange{"DELETE", "/http-proxies/p-1"}), 404,
           R"({"detail":"http proxy not found","error_code":"HTTP_PROXY_NOT_FOUND"})");
}

TEST_F(ProxyRoutesTest, AttachesAndDetachesByTheNameOfTheMachine)
{
    create_proxy("p");
    const auto host = create_one();
    expect(attach("p", host), 200, R"({"name":"p","host_id":")" + host + R"(","status":"attached"})");
    EXPECT_EQ(cloud->attachments.begin()->second, *cloud->machines.begin());
    expect(detach("p", host), 204, "");
    EXPECT_TRUE(cloud->attachments.empty());
}

TEST_F(ProxyRoutesTest, NormalisesTheTarget)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"https://example.com", "https://example.com/"},
        {"HTTP://EXAMPLE.com:80/", "http://example.com/"},
        {"https://example.com:443", "https://example.com/"},
        {"http://example.com:443", "http://example.com:443/"},
        {"https://B\xc3\xbc"
         "cher.example:8443/",
         "https://xn--bcher-kva.example:8443/"},
        {"http://[2001:DB8:0::1]:80", "http://[2001:db8::1]/"},
    };
    for (const auto& [target, normalised] : cases) {
        EXPECT_EQ(with_target(target).status, 201U) << target;
        EXPECT_EQ(cloud->proxies.at("p").target, normalised);
    }
}

TEST_F(ProxyRoutesTest, FindsFaultWithAHeaderThatIsNotOneLine)
{
    const auto with_header = [this](const std::string& header) {
        return post("/http-proxies",
                    R"({"name":"p","target":"https://example.com","headers":{)" + header + "}}");
    };
    for (const std::string_view value :
         {"a\\r\\nX-Other: b", "a\\n", "a\\u0000b", "\\u001b[2J", "a\\u0085b"}) {
        const auto answer = with_header(R"("X-Key":")" + std::string{value} + '"');
        EXPECT_EQ(
            finding(answer),
            R"({"type":"value_error","loc":["body","headers","X-Key"],"msg":"Value error, header values must not contain control characters"})")
            << value;
    }
    for (const std::string_view name : {"", "X Key", "X:Key", "X\\nKey", "X-K\xc3\xa4y"}) {
        const auto answer = with_header('"' + std::string{name} + R"(":"a")");
        EXPECT_EQ(answer.status, 422U) << name;
        EXPECT_NE(answer.body.find("header names must be those of HTTP"), std::string::npos) << answer.body;
    }
    EXPECT_TRUE(cloud->proxies.empty());
    EXPECT_EQ(with_header(R"("X-Key":"a \u00e4 'b' \"c\"")").status, 201U);
}

TEST_F(ProxyRoutesTest, FindsFaultWithATargetThatIsNoOrigin)
{
    const auto value_error = [](const std::string& message) {
        return R"({"type":"value_error","loc":["body","target"],"msg":"Value error, target URL must not contain )" +
               message + R"("})";
    };
    const std::string invalid =
        R"({"type":"url_parsing","loc":["body","target"],"msg":"Input should be a valid URL"})";
    const std::string scheme =
        R"({"type":"url_scheme","loc":["body","target"],"msg":"URL scheme should be 'http' or 'https'"})";
    const std::string too_long =
        R"({"type":"url_too_long","loc":["body","target"],"msg":"URL should have at most 2083 characters"})";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"https://user@example.com", value_error("credentials")},
        {"https://:secret@example.com/path", value_error("credentials")},
        {"https://@example.com/", value_error("credentials")},
        {"https://example.com/path?q#f", value_error("a path")},
        {"https://example.com/..", value_error("a path")},
        {"https://example.com?q", value_error("a query string")},
        {"https://example.com/?#", value_error("a query string")},
        {"https://example.com/#f", value_error("a fragment")},
        {"https://example.com#", value_error("a fragment")},
        {"ftp://example.com", scheme},
        {"example.com", invalid},
        {"https:example.com", invalid},
        {"https://", invalid},
        {"https://example.com:99999", invalid},
        {"https://exa mple.com", invalid},
        {"https://example.com\n", invalid},
        {"https://example.com\x7f", invalid},
        {"https://[fe80::1%25eth0]", invalid},
        {"https://" + std::string(70, 'a'), invalid},
        {"https://example.com/" + std::string(2064, 'a'), too_long},
    };
    for (const auto& [target, expected] : cases) {
        EXPECT_EQ(finding(with_target(target)), expected) << target;
    }
    EXPECT_TRUE(cloud->proxies.empty());
}

TEST_F(ProxyRoutesTest, FindsFaultWithEachField)
{
    const auto in = [](const std::string& body) {
        return R"({"name":"p","target":"https://h","headers":{"A":"b"},)" + body + "}";
    };
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", R"({"type":"missing","loc":["body"],"msg":"Field required"})"},
        {"null", R"({"type":"missing","loc":["body"],"msg":"Field required"})"},
        {"[]",
         R"({"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from"})"},
        {"{", R"({"type":"json_invalid","loc":["body",1],"msg":"JSON decode error"})"},
        {R"({"target":"https://h","headers":{"A":"b"}})",
         R"({"type":"missing","loc":["body","name"],"msg":"Field required"})"},
        {in(R"("name":null)"),
         R"({"type":"string_type","loc":["body","name"],"msg":"Input should be a valid string"})"},
        {in(R"("name":".p")"),
         R"({"type":"string_pattern_mismatch","loc":["body","name"],"msg":"String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.-]*$'"})"},
        {in(R"("target":null)"),
         R"({"type":"url_type","loc":["body","target"],"msg":"URL input should be a string or URL"})"},
        {in(R"("headers":null)"),
         R"({"type":"dict_type","loc":["body","headers"],"msg":"Input should be a valid dictionary"})"},
        {in(R"("headers":{})"),
         R"({"type":"too_short","loc":["body","headers"],"msg":"Dictionary should have at least 1 item after validation, not 0"})"},
        {in(R"("headers":{"A":1})"),
         R"({"type":"string_type","loc":["body","headers","A"],"msg":"Input should be a valid string"})"},
    };
    for (const auto& [body, expected] : cases) {
        EXPECT_EQ(finding(post("/http-proxies", body)), expected) << body;
    }
    EXPECT_TRUE(cloud->proxies.empty());
}

TEST_F(ProxyRoutesTest, TellsAllFindingsAtOnceAndSendsNoSecretBack)
{
    const auto response = post(
        "/http-proxies", R"({"target":"https://u:planted@h","headers":{"A":"planted","B":{"c":"planted"}}})");
    const auto detail = boost::json::parse(response.body).at("detail").as_array();
    std::string order;
    for (const auto& entry : detail) {
        order += boost::json::serialize(entry.at("loc"));
    }
    EXPECT_EQ(order, R"(["body","name"]["body","target"]["body","headers","B"])");
    EXPECT_EQ(response.body.find("planted"), std::string::npos);
}

TEST_F(ProxyRoutesTest, ChecksTheNameInThePathBeforeTheHost)
{
    const std::string bad_name =
        R"({"type":"string_pattern_mismatch","loc":["path","name"],"msg":"String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.-]*$'"})";
    EXPECT_EQ(finding(send(FakeExchange{"DELETE", "/http-proxies/-p"})), bad_name);
    EXPECT_EQ(finding(attach("p%20", unknown_host)), bad_name);
    EXPECT_EQ(boost::json::parse(detach("p%0A", "no-uuid").body).at("detail").as_array().size(), 2U);
}

TEST_F(ProxyRoutesTest, LooksAtTheHostThenItsStateThenTheCapabilityThenTheProxy)
{
    cloud->has_proxies = false;
    expect(attach("p", unknown_host), 404, R"({"detail":"host not found","error_code":"NOT_FOUND"})");
    const std::string no_vm = R"({"detail":"host does not have a backing VM","error_code":"HOST_STATE"})";
    fail_at("create");
    post("/hosts", "");
    cloud->on_step = nullptr;
    const auto failed = service->rows().at(0).id.str();
    expect(attach("p", failed), 409, no_vm);
    expect(detach("p", failed), 409, no_vm);
    const auto host = create_one();
    const std::string unsupported =
        R"({"detail":"VM provider 'scripted' does not support HttpProxyCapability","error_code":"HTTP_PROXY_UNSUPPORTED"})";
    expect(attach("p", host), 501, unsupported);
    expect(detach("p", host), 501, unsupported);
    expect(create_proxy("p"), 501, unsupported);
    expect(send(FakeExchange{"DELETE", "/http-proxies/p"}), 501, unsupported);
    cloud->has_proxies = true;
    const std::string no_proxy = R"({"detail":"http proxy not found","error_code":"HTTP_PROXY_NOT_FOUND"})";
    expect(attach("p", host), 404, no_proxy);
    expect(detach("p", host), 404, no_proxy);
    create_proxy("p");
    cloud->machines.clear();
    expect(attach("p", host), 409, no_vm);
    expect(detach("p", host), 409, no_vm);
}

TEST_F(ProxyRoutesTest, MapsFailuresOfTheProvider)
{
    const auto host = create_one();
    cloud->on_step = [](const std::string&, const std::string&) -> std::shared_ptr<Signal> {
        throw ScriptedError("token abc refused");
    };
    const auto failed = [](const std::string& done) {
        return R"({"detail":"http proxy could not be )" + done + R"(","error_code":"HTTP_PROXY"})";
    };
    expect(create_proxy("p"), 503, failed("created"));
    expect(send(FakeExchange{"DELETE", "/http-proxies/p"}), 503, failed("removed"));
    expect(attach("p", host), 503, failed("attached"));
    expect(detach("p", host), 503, failed("detached"));
    cloud->on_step = nullptr;
}

TEST_F(ProxyRoutesTest, LeavesTheProxyWhenAHostIsDeleted)
{
    create_proxy("p");
    const auto host = create_one();
    attach("p", host);
    EXPECT_EQ(send(FakeExchange{"DELETE", "/hosts/" + host}).status, 204U);
    EXPECT_TRUE(cloud->proxies.contains("p"));
}

} // namespace
} // namespace drukbox::service
