#include "wire/requests/secret_rules.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace drukbox::wire {
namespace {

namespace json = boost::json;

/// Each finding as `path: type`, or the message where that is a rule of ours.
std::string findings_of(const std::string& secrets)
{
    Findings findings;
    check_secrets(json::parse(secrets), findings);
    std::string found;
    for (const Finding& finding : findings) {
        std::string path;
        for (const json::value& element : finding.location) {
            path += (path.empty() ? "" : ".") + std::string{element.as_string()};
        }
        found += path + ": " + (finding.type == "value_error" ? finding.message : finding.type) + "\n";
    }
    return found;
}

std::string with_issuer(const std::string& url, const std::string& headers = R"({"A":"b"})",
                        const std::string& refresh = "\"1h\"")
{
    return R"({"openai":{"issuer":{"url":")" + url + R"(","headers":)" + headers + R"(,"refresh":)" +
           refresh + "}}}";
}

TEST(SecretRulesTest, TakeWhatPublishedClientsSend)
{
    for (const std::string secrets :
         {R"({})", R"({"openai":{"value":"sk"},"anthropic":{"value":"a"},"github":{"value":"g"}})",
          R"({"openai":{"value":"sk","issuer":null}})",
          R"({"acme":{"host":"api.acme.test","auth_variable":"ACME_TOKEN","value":"ak"}})",
          R"({"a-b_1":{"host":"a","auth_variable":"A","auth_header":"X-Key","auth_prefix":"","value":"v"}})",
          R"({"openai":{"host":"proxy.test","auth_variable":"A","value":"v"}})"}) {
        EXPECT_EQ(findings_of(secrets), "") << secrets;
    }
    for (const std::string url : {"https://mint.example/box-1/anthropic", "http://a", "HTTPS://a:8443/?q=1@2",
                                  "https://[2001:db8::1]:1/x", "https://\xc3\xa9/"}) {
        EXPECT_EQ(findings_of(with_issuer(url)), "") << url;
    }
}

TEST(SecretRulesTest, FindFaultWithEachPart)
{
    const std::string at = "body.secrets.openai";
    const std::string custom = "Value error, a custom service needs host and auth_variable\n";
    const std::string one = "Value error, provide exactly one of value or issuer\n";
    const std::string control = "Value error, must not contain control characters\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"null", "body.secrets: dict_type\n"},
        {"[]", "body.secrets: dict_type\n"},
        {R"({"openai":null})", at + ": model_attributes_type\n"},
        {R"({"openai":{}})", at + ": " + one},
        {R"({"openai":{"value":null}})", at + ": " + one},
        {R"({"openai":{"value":"v","issuer":{"url":"https://a","headers":{"A":"b"},"refresh":"1s"}}})",
         at + ": " + one},
        {R"({"openai":{"value":""}})", at + ".value: string_too_short\n"},
        {R"({"openai":{"value":7}})", at + ".value: string_type\n"},
        {R"({"openai":{"value":"v","more":1}})", at + ".more: extra_forbidden\n"},
        {R"({"openai":{"value":"v","host":"a"}})", at + ": " + custom},
        {R"({"openai":{"value":"v","auth_variable":"A"}})", at + ": " + custom},
        {R"({"openai":{"value":"v","auth_prefix":""}})", at + ": " + custom},
        {R"({"openai":{"value":"v","auth_header":"A"}})", at + ": " + custom},
        {R"({"openai":{"value":"v","host":null,"auth_variable":"A"}})", at + ".host: string_type\n"},
        {R"({"openai":{"value":"v","host":"a..b","auth_variable":"A"}})",
         at + ".host: string_pattern_mismatch\n"},
        {R"({"openai":{"value":"v","host":"a-.b","auth_variable":"A"}})",
         at + ".host: string_pattern_mismatch\n"},
        {R"({"openai":{"value":"v","host":"a:1","auth_variable":"A"}})",
         at + ".host: string_pattern_mismatch\n"},
        {R"({"openai":{"value":"v","host":"a.","auth_variable":"A"}})",
         at + ".host: string_pattern_mismatch\n"},
        {R"({"openai":{"value":"v","host":"a","auth_variable":"1A"}})",
         at + ".auth_variable: string_pattern_mismatch\n"},
        {R"({"openai":{"value":"v","host":"a","auth_variable":"A","auth_header":"A:"}})",
         at + ".auth_header: string_pattern_mismatch\n"},
        {R"({"openai":{"value":"v","host":"a","auth_variable":"A","auth_prefix":"x\r\n"}})",
         at + ".auth_prefix: " + control},
        {R"({"nobody":{"value":"v"}})", "body.secrets: Value error, unknown secret service 'nobody'\n"},
        {R"({"Acme":{"value":"v","host":"a","auth_variable":"A"}})",
         "body.secrets: Value error, invalid secret service name 'Acme'\n"},
        {R"({"openai":{"issuer":7}})", at + ".issuer: model_attributes_type\n"},
        {R"({"openai":{"issuer":{}}})", at + ".issuer.url: missing\n" + at + ".issuer.headers: missing\n" +
                                            at + ".issuer.refresh: missing\n"},
        {with_issuer("ftp://a"), at + ".issuer.url: url_scheme\n"},
        {with_issuer("a"), at + ".issuer.url: url_parsing\n"},
        {with_issuer("https://"), at + ".issuer.url: url_parsing\n"},
        {with_issuer("https:///x"), at + ".issuer.url: url_parsing\n"},
        {with_issuer("https://a:70000"), at + ".issuer.url: url_parsing\n"},
        {with_issuer("https://a b"), at + ".issuer.url: url_parsing\n"},
        {with_issuer("https://[::1"), at + ".issuer.url: url_parsing\n"},
        {with_issuer("https://a?" + std::string(2083, 'x')), at + ".issuer.url: url_too_long\n"},
        {with_issuer("https://u:p@a"),
         at + ".issuer.url: Value error, issuer URL must not contain credentials\n"},
        {with_issuer("https://a#f"),
         at + ".issuer.url: Value error, issuer URL must not contain a fragment\n"},
        {with_issuer("https://a", "{}"), at + ".issuer.headers: too_short\n"},
        {with_issuer("https://a", "null"), at + ".issuer.headers: dict_type\n"},
        {with_issuer("https://a", R"({"A":null})"), at + ".issuer.headers.A: string_type\n"},
        {with_issuer("https://a", R"({"A":""})"), at + ".issuer.headers.A: string_too_short\n"},
        {with_issuer("https://a", R"({"A":"b\nC: d"})"), at + ".issuer.headers.A: " + control},
        {with_issuer("https://a", R"({"A b":"c"})"), at + ".issuer.headers.A b: string_pattern_mismatch\n"},
        {with_issuer("https://a", R"({"A":"b"})", R"("0h")"),
         at + ".issuer.refresh: string_pattern_mismatch\n"},
        {with_issuer("https://a", R"({"A":"b"})", R"("1w")"),
         at + ".issuer.refresh: string_pattern_mismatch\n"},
        {with_issuer("https://a", R"({"A":"b"})", "60"), at + ".issuer.refresh: string_type\n"},
    };
    for (const auto& [secrets, expected] : cases) {
        EXPECT_EQ(findings_of(secrets), expected) << secrets;
    }
}

} // namespace
} // namespace drukbox::wire
