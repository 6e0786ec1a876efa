#include "wire/http_proxy_record.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace drukbox::wire {
namespace {

using ::testing::HasSubstr;

const std::string proxy_text = R"({"name":"github","status":"created"})";
const std::string attachment_text =
    R"({"name":"github","host_id":"0190b5e2-7c1a-7def-8abc-0123456789ab","status":"attached"})";

TEST(HTTPProxyRecordTest, ReadsWhatItWrites)
{
    const HTTPProxy proxy = parse_http_proxy(boost::json::parse(proxy_text));
    EXPECT_EQ(proxy.name, "github");
    EXPECT_EQ(proxy.status, "created");
    EXPECT_EQ(serialize(proxy), proxy_text);
    const HTTPProxyAttachment attachment = parse_http_proxy_attachment(boost::json::parse(attachment_text));
    EXPECT_EQ(attachment.name, "github");
    EXPECT_EQ(attachment.host_id, "0190b5e2-7c1a-7def-8abc-0123456789ab");
    EXPECT_EQ(attachment.status, "attached");
    EXPECT_EQ(serialize(attachment), attachment_text);
}

TEST(HTTPProxyRecordTest, IgnoresUnknownKeys)
{
    auto json = boost::json::parse(proxy_text);
    json.as_object()["newer"] = 1;
    EXPECT_EQ(parse_http_proxy(json).name, "github");
}

// Each key in turn is left out, then of another type.
template <class Parse>
void expect_every_key_checked(const std::string& text, const Parse& parse)
{
    const auto whole = boost::json::parse(text);
    for (const auto& member : whole.as_object()) {
        for (const bool absent : {true, false}) {
            auto json = whole;
            if (absent) {
                json.as_object().erase(member.key());
            } else {
                json.as_object()[member.key()] = 7;
            }
            try {
                (void)parse(json);
                ADD_FAILURE() << member.key();
            } catch (const ShapeError& error) {
                EXPECT_THAT(error.what(), HasSubstr(std::string{member.key()}));
            }
        }
    }
    EXPECT_THROW((void)parse(boost::json::value{}), ShapeError);
}

TEST(HTTPProxyRecordTest, ChecksEveryKey)
{
    expect_every_key_checked(proxy_text, parse_http_proxy);
    expect_every_key_checked(attachment_text, parse_http_proxy_attachment);
}

} // namespace
} // namespace drukbox::wire
