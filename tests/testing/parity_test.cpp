#include "service/api_fixture.hpp"
#include "testing/exchange.hpp"

#include <drukbox/testing/testing.hpp>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// The fake service answers what the service itself answers.
namespace drukbox::service {
namespace {

namespace json = boost::json;

class Case
{
public:
    std::string method;
    std::string target; ///< `{id}` is a host that is there.
    std::string body;
    std::string idempotency_key = "none";
    std::string authorization = "Bearer token-one";
    std::string content_type = "application/json";
};

/// Of a record its keys, and which of them are null.
std::string keys_of(const json::object& record)
{
    std::string keys;
    for (const auto& [key, value] : record) {
        keys += std::string{key} + (value.is_null() ? " null " : " ");
    }
    return keys;
}

/// What is the same whoever answers: of records their keys, of anything else all of it.
std::string essence(const std::string& text)
{
    if (text.empty()) {
        return "";
    }
    const json::value body = json::parse(text);
    const json::object* const object = body.if_object();
    if (object != nullptr && object->contains("id")) {
        return keys_of(*object);
    }
    if (body.is_array()) {
        std::string all;
        for (const json::value& record : body.get_array()) {
            all += keys_of(record.as_object()) + "\n";
        }
        return all;
    }
    return json::serialize(body);
}

class ParityTest : public ApiTest
{
protected:
    ParityTest()
        : fake_(options())
    {
    }

    static testing::FakeServiceOptions options()
    {
        testing::FakeServiceOptions options;
        options.token = "token-one";
        options.providers = {"scripted"};
        options.supports_sizing = false;
        return options;
    }

    static std::string with_id(std::string target, const std::string& id)
    {
        const auto place = target.find("{id}");
        return place == std::string::npos ? target : target.replace(place, 4, id);
    }

    [[nodiscard]] std::string of_service(const Case& given)
    {
        http::Headers headers;
        headers.add("Authorization", given.authorization);
        headers.add("Content-Type", given.content_type);
        if (given.idempotency_key != "none") {
            headers.add("Idempotency-Key", given.idempotency_key);
        }
        const auto response =
            send(FakeExchange{given.method, with_id(given.target, service_host_), headers, given.body});
        return std::to_string(response.status) + " " + essence(response.body);
    }

    [[nodiscard]] std::string of_fake(const Case& given) const
    {
        std::string headers =
            "Authorization: " + given.authorization + "\r\nContent-Type: " + given.content_type + "\r\n";
        if (given.idempotency_key != "none") {
            headers += "Idempotency-Key: " + given.idempotency_key + "\r\n";
        }
        const test::Exchange exchange{fake_.port(), given.method + " " + with_id(given.target, fake_host_),
                                      headers, given.body};
        return exchange.status + " " + essence(exchange.body);
    }

    void expect_parity(const std::vector<Case>& cases)
    {
        for (const Case& given : cases) {
            EXPECT_EQ(of_fake(given), of_service(given))
                << given.method << ' ' << given.target << ' ' << given.body;
        }
    }

    testing::FakeService fake_;
    std::string service_host_ = create_one();
    std::string fake_host_ = fake_.state().add_host().id;
};

const std::string unknown = "0190b5e2-7c1a-7def-8abc-0123456789ab";

TEST_F(ParityTest, OfTheLifeOfAHost)
{
    expect_parity({{"GET", "/hosts/{id}", ""},
                   {"POST", "/hosts/{id}/renew", ""},
                   {"POST", "/hosts/{id}/renew", R"({"expires_at":"2101-01-01T00:00:00+02:00"})"},
                   {"POST", "/hosts/{id}/renew", R"({"expires_at":null})"},
                   {"DELETE", "/hosts/{id}", ""},
                   {"DELETE", "/hosts/{id}", ""},
                   {"GET", "/hosts/{id}", ""},
                   {"POST", "/hosts/{id}/renew", ""},
                   {"GET", "/hosts/" + unknown, ""},
                   {"GET", "/hosts", ""}});
}

TEST_F(ParityTest, OfCreates)
{
    expect_parity({{"POST", "/hosts", ""},
                   {"POST", "/hosts", "null"},
                   {"POST", "/hosts", R"({"expires_at":null})"},
                   {"POST", "/hosts", R"({"expires_at":"2101-01-01T00:00:00Z","env":{"A":"b"},"image":"i"})"},
                   {"POST", "/hosts", R"({"provider":"nowhere"})"},
                   {"POST", "/hosts", "{}", "key:1.a_b-c"}});
}

TEST_F(ParityTest, OfKeysThatAreUsedAgain)
{
    expect_parity({{"POST", "/hosts", R"({"image":"i","env":{"A":"1"}})", "k"},
                   {"POST", "/hosts", R"({"image":"i","env":{"A":"2"},"expires_at":null})", "k"},
                   {"POST", "/hosts", R"({"image":"i","env":{"A":"1"},"provider":"scripted"})", "k"},
                   {"POST", "/hosts", R"({"image":"other","env":{"A":"1"}})", "k"},
                   {"POST", "/hosts", R"({"env":{"A":"1"}})", "k"},
                   {"POST", "/hosts", R"({"image":"i","env":{"A":"1","B":"2"}})", "k"},
                   {"POST", "/hosts", R"({"image":"i"})", "k"},
                   {"POST", "/hosts", R"({"image":"i","env":{"A":"1"},"disk_gb":1})", "k"},
                   {"POST", "/hosts", R"({"image":"i","env":{"A":"1"},"provider":"nowhere"})", "k"},
                   {"POST", "/hosts", "", "k"}});
}

TEST_F(ParityTest, OfRefusals)
{
    expect_parity({{"POST", "/hosts", "{"},
                   {"POST", "/hosts", "[]"},
                   {"POST", "/hosts", R"({"image":" "})"},
                   {"POST", "/hosts", R"({"image":"a\nb","instance_type":"\u007f"})"},
                   {"POST", "/hosts", R"({"image":1,"provider":2,"instance_type":"","disk_gb":0})"},
                   {"POST", "/hosts", R"({"disk_gb":"1"})"},
                   {"POST", "/hosts", R"({"disk_gb":1.5})"},
                   {"POST", "/hosts", R"({"disk_gb":1e300})"},
                   {"POST", "/hosts", R"({"env":null})"},
                   {"POST", "/hosts", R"({"env":{"A":1}})"},
                   {"POST", "/hosts", R"({"env":{"b-c":"x","1a":"x"}})"},
                   {"POST", "/hosts", R"({"env":{"TAILSCALE_AUTHKEY":"x"}})"},
                   {"POST", "/hosts", R"({"expires_at":"2001-01-01T00:00:00Z"})"},
                   {"POST", "/hosts", R"({"expires_at":"2101-01-01T00:00:00"})"},
                   {"POST", "/hosts", R"({"expires_at":"soon"})"},
                   {"POST", "/hosts", R"({"expires_at":7})"},
                   {"POST", "/hosts", R"({"image":""})", "a b"},
                   {"POST", "/hosts", "", std::string(256, 'a')},
                   {"POST", "/hosts", "", ""},
                   {"GET", "/hosts/x", ""},
                   {"DELETE", "/hosts/x", ""},
                   {"POST", "/hosts/x/renew", R"({"expires_at":7})"}});
}

TEST_F(ParityTest, OfSizesAtTheirBounds)
{
    expect_parity({{"POST", "/hosts", R"({"disk_gb":-1})"},
                   {"POST", "/hosts", R"({"disk_gb":1.0})"},
                   {"POST", "/hosts", R"({"disk_gb":true})"},
                   {"POST", "/hosts", R"({"disk_gb":1e15})"},
                   {"POST", "/hosts", R"({"disk_gb":1000000000000001})"},
                   {"POST", "/hosts", R"({"disk_gb":18446744073709551615})"},
                   {"POST", "/hosts", R"({"disk_gb":-9.5})"}});
}

TEST_F(ParityTest, OfTextsWithNul)
{
    expect_parity({{"POST", "/hosts", R"({"image":"a\u0000b","instance_type":"\u0000"})"},
                   {"POST", "/hosts", R"({"env":{"A\u0000":"x"}})"},
                   {"POST", "/hosts", R"({"expires_at":"2101-01-01T00:00:00Z\u0000"})"},
                   {"POST", "/hosts", R"({"template":"\u0000"})"},
                   {"POST", "/http-proxies",
                    R"({"name":"p\u0000","target":"https://a\u0000","headers":)"
                    R"({"A":"\u0000"}})"},
                   {"DELETE", "/http-proxies/p%00", ""},
                   {"GET", "/hosts/%00", ""},
                   {"GET", "/hosts?provider=a%00", ""}});
}

TEST_F(ParityTest, OfBodiesThatAreNoJson)
{
    for (const std::string target : {"/hosts", "/hosts/{id}/renew", "/http-proxies"}) {
        expect_parity({{"POST", target, R"({"image":)"},
                       {"POST", target, "{} x"},
                       {"POST", target, "{\"image\":\"\xff\"}"},
                       {"POST", target, "7"},
                       {"POST", target, "\"\""}});
        for (const std::string type : {"text/plain", "text/json", "application/x-www-form-urlencoded"}) {
            expect_parity({{"POST", target, R"({"image":"i"})", "none", "Bearer token-one", type}});
        }
    }
    expect_parity(
        {{"POST", "/hosts", " null ", "none", "Bearer token-one", "Application/JSON; charset=utf-8"},
         {"POST", "/hosts", "{}", "none", "Bearer token-one", "application/merge-patch+json"},
         {"POST", "/http-proxies", " null "}});
}

TEST_F(ParityTest, OfQueries)
{
    for (const std::string query :
         {"limit=", "limit=0", "limit=1", "limit=1000", "limit=1001", "limit=x", "limit=99999999999999999999",
          "cursor=x", "status=gone", "status=active", "status=error", "provider=", "provider=%FF",
          "provider=scripted", "provider=nobody", "limit=0&cursor=&status=&provider=", "other=1"}) {
        expect_parity({{"GET", "/hosts?" + query, ""}});
    }
    expect_parity({{"DELETE", "/hosts/{id}?force=much", ""},
                   {"DELETE", "/hosts/x?force=much", ""},
                   {"DELETE", "/hosts/{id}?force=true", ""}});
}

TEST_F(ParityTest, OfEveryView)
{
    for (const std::string prefix : {"", "/v0.2", "/litterbox"}) {
        expect_parity({{"GET", prefix + "/hosts", ""},
                       {"GET", prefix + "/hosts/{id}", ""},
                       {"POST", prefix + "/hosts", ""},
                       {"POST", prefix + "/hosts", R"({"env":{"A":1},"image":""})"},
                       {"POST", prefix + "/hosts", R"({"provider":7,"disk_gb":0,"instance_type":""})"},
                       {"POST", prefix + "/hosts", R"({"template":7,"secrets":7})"},
                       {"POST", prefix + "/hosts/{id}/renew", ""},
                       {"POST", prefix + "/http-proxies", "{}"},
                       {"GET", prefix + "/hostsx", ""},
                       {"GET", "/x" + prefix + "/hosts", ""},
                       {"PUT", prefix + "/hosts/{id}", ""},
                       {"GET", prefix + "/hosts", "", "none", ""},
                       {"DELETE", prefix + "/hosts/{id}", ""},
                       {"GET", prefix + "/hosts/{id}", ""},
                       {"DELETE", prefix + "/hosts/x", ""}});
        service_host_ = create_one();
        fake_host_ = fake_.state().add_host().id;
    }
}

TEST_F(ParityTest, OfTemplatesAndSecrets)
{
    expect_parity(
        {{"POST", "/hosts", R"({"template":null,"secrets":{}})"},
         {"POST", "/hosts", R"({"template":")" + unknown + R"("})"},
         {"POST", "/hosts", R"({"template":")" + unknown + R"(","image":"i"})"},
         {"POST", "/hosts", R"({"template":"x"})"},
         {"POST", "/hosts", R"({"template":1})"},
         {"POST", "/hosts", R"({"secrets":null})"},
         {"POST", "/hosts", R"({"secrets":[]})"},
         {"POST", "/hosts", R"({"secrets":{"github":{"value":"s"}},"template":")" + unknown + R"("})"},
         {"POST", "/hosts", R"({"secrets":{"github":{"value":""}}})"},
         {"POST", "/hosts", R"({"secrets":{"own":{"value":"s"}}})"},
         {"POST", "/hosts", R"({"secrets":{"own":{"value":"s","host":"a","auth_variable":"B"}}})"},
         {"POST", "/hosts", R"({"secrets":{"github":{"value":"s","x":1}},"image":"","disk_gb":0})"},
         {"POST", "/hosts", R"({"provider":"nowhere","secrets":{"github":{"value":"s"}}})"},
         {"POST", "/hosts", R"({"disk_gb":1,"secrets":{"github":{"value":"s"}}})"}});
}

TEST_F(ParityTest, OfTheDoctorsKeys)
{
    const auto keys = [](const std::string& text) { return keys_of(json::parse(text).as_object()); };
    for (const std::string prefix : {"", "/v0.2"}) {
        http::Headers headers;
        headers.add("Authorization", "Bearer token-one");
        const auto of_service = send(FakeExchange{"GET", prefix + "/doctor", headers, ""});
        const test::Exchange of_fake{fake_.port(), "GET " + prefix + "/doctor",
                                     "Authorization: Bearer token-one\r\n"};
        EXPECT_EQ(keys(of_fake.body), keys(of_service.body));
    }
    expect_parity({{"GET", "/litterbox/doctor", ""}});
}

TEST_F(ParityTest, OfTokensPathsAndMethods)
{
    expect_parity({{"GET", "/hosts", "", "none", ""},
                   {"GET", "/hosts", "", "none", "Basic x"},
                   {"GET", "/hosts", "", "none", "Bearer other"},
                   {"GET", "/hosts/x", "", "none", "bearer  token-one"},
                   {"GET", "/nothing", ""},
                   {"PUT", "/hosts", ""},
                   {"PATCH", "/hosts/{id}", ""},
                   {"GET", "/healthz", "", "none", ""}});
}

TEST_F(ParityTest, OfHttpProxiesThatAreRefused)
{
    const auto with_target = [](const std::string& target) {
        return R"({"name":"p","headers":{"A":"b"},"target":")" + target + "\"}";
    };
    expect_parity({{"POST", "/http-proxies", ""},
                   {"POST", "/http-proxies", "{}"},
                   {"POST", "/http-proxies", R"({"name":"-p","target":"https://a","headers":{"A":"b"}})"},
                   {"POST", "/http-proxies", R"({"name":"p","target":"https://a","headers":{}})"},
                   {"POST", "/http-proxies", with_target("https://u:p@a")},
                   {"POST", "/http-proxies", with_target("https://a/b")},
                   {"POST", "/http-proxies", with_target("https://a?b")},
                   {"POST", "/http-proxies", with_target("https://a#b")},
                   {"POST", "/http-proxies", with_target("ftp://a")},
                   {"POST", "/http-proxies", with_target("a")},
                   {"POST", "/http-proxies", with_target("")},
                   {"POST", "/http-proxies", with_target("https://")},
                   {"POST", "/http-proxies", with_target("https://@a/b")},
                   {"POST", "/http-proxies", with_target("https://a:99999")},
                   {"POST", "/http-proxies", with_target("https://a b")},
                   {"POST", "/http-proxies", with_target("HTTPS://A/b#c?d")},
                   {"POST", "/http-proxies", with_target("https://a/" + std::string(2083, 'a'))},
                   {"POST", "/http-proxies", R"({"name":7,"target":7,"headers":7})"},
                   {"POST", "/http-proxies", R"({"headers":{"A b":"c","D":7,"E":"\n"},"name":""})"},
                   {"POST", "/http-proxies/p/hosts/" + unknown, ""},
                   {"POST", "/http-proxies/p/hosts/x", ""},
                   {"DELETE", "/http-proxies/-", ""}});
}

} // namespace
} // namespace drukbox::service
