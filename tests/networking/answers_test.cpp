#include "service/networking/tailscale/answers.hpp"
#include "service/networking/tailscale/bootstrap.hpp"
#include "service/remote/answer.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::tailscale {
namespace {

template <class Read>
std::string refusal(Read read, std::string_view text)
{
    try {
        static_cast<void>(read(parse_answer("tailscale", text)));
    } catch (const MalformedAnswer& error) {
        return error.what();
    }
    return "none";
}

TEST(TailscaleAnswersTest, ReadWhatIsNeeded)
{
    const auto token = read_access_token(boost::json::parse(
        R"({"access_token":"tskey-api-x","token_type":"Bearer","expires_in":3600,"scope":"devices"})"));
    EXPECT_EQ(token.value.reveal(), "tskey-api-x");
    EXPECT_EQ(token.lifetime, std::chrono::seconds{3600});
    const auto key = read_auth_key(boost::json::parse(R"({"id":"k","key":"tskey-auth-k-1"})"));
    EXPECT_EQ(key.secret.reveal(), "tskey-auth-k-1");
    EXPECT_EQ(key.id, "k");
    EXPECT_EQ(read_auth_key(boost::json::parse(R"({"key":"tskey-auth-k-1"})")).id, "");
    const auto devices = read_devices(boost::json::parse(
        R"({"devices":[{"nodeId":"n1CNTRL","hostname":"sb-1","name":"sb-1.example.ts.net"},{"hostname":null}]})"));
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(devices[0].hostname, "sb-1");
    EXPECT_EQ(devices[0].node_id, "n1CNTRL");
    EXPECT_EQ(devices[1].node_id, "");
}

TEST(TailscaleAnswersTest, SayWhatIsMissingInAnAccessToken)
{
    const auto told = [](std::string_view text) { return refusal(read_access_token, text); };
    EXPECT_EQ(told(""), "tailscale answered nothing where JSON was expected");
    EXPECT_EQ(told("<html>"), "tailscale answered something that is not JSON");
    EXPECT_EQ(told("null"), "tailscale answered something unexpected: the answer is not an object");
    EXPECT_EQ(told(R"({"expires_in":1})"),
              "tailscale answered something unexpected: access_token is missing");
    EXPECT_EQ(told(R"({"access_token":null,"expires_in":1})"),
              "tailscale answered something unexpected: access_token is missing");
    EXPECT_EQ(told(R"({"access_token":"a\r\nX: y","expires_in":1})"),
              "tailscale answered something unexpected: access_token is not a plain word");
    EXPECT_EQ(told(R"({"access_token":"a"})"),
              "tailscale answered something unexpected: expires_in is missing");
    EXPECT_EQ(told(R"({"access_token":"a","expires_in":"soon"})"),
              "tailscale answered something unexpected: expires_in is not a whole number");
}

TEST(TailscaleAnswersTest, SayWhatIsMissingInAnAuthKey)
{
    const auto told = [](std::string_view text) { return refusal(read_auth_key, text); };
    EXPECT_EQ(told("{}"), "tailscale answered something unexpected: key is missing");
    EXPECT_EQ(told(R"({"key":""})"), "tailscale answered something unexpected: key is not a plain word");
    EXPECT_EQ(told(R"({"key":"a'; rm -rf / #"})"),
              "tailscale answered something unexpected: key is not a plain word");
    EXPECT_EQ(told(R"({"key":"k","id":"../device"})"),
              "tailscale answered something unexpected: id is not an id");
}

TEST(TailscaleAnswersTest, SayWhatIsMissingInDevices)
{
    const auto told = [](std::string_view text) { return refusal(read_devices, text); };
    EXPECT_EQ(told("{}"), "tailscale answered something unexpected: devices is missing");
    EXPECT_EQ(told(R"({"devices":null})"), "tailscale answered something unexpected: devices is missing");
    EXPECT_EQ(told(R"({"devices":{}})"), "tailscale answered something unexpected: devices is not a list");
    EXPECT_EQ(told(R"({"devices":[null]})"),
              "tailscale answered something unexpected: devices[0] is not an object");
    EXPECT_EQ(told(R"({"devices":[{"hostname":7}]})"),
              "tailscale answered something unexpected: devices[0].hostname is not a string");
    EXPECT_EQ(told(R"({"devices":[{"hostname":"h","nodeId":"../keys"}]})"),
              "tailscale answered something unexpected: devices[0].nodeId is not an id");
}

TEST(BootstrapScriptTest, SetsKeyAndNameBehindItsShebang)
{
    const auto script = bootstrap_script(Redacted{"tskey-auth-1"}, "sb-1").reveal();
    EXPECT_THAT(script, testing::StartsWith("#!/bin/sh\nexport TAILSCALE_AUTHKEY='tskey-auth-1'\n"
                                            "export TAILSCALE_HOSTNAME='sb-1'\n"));
    EXPECT_THAT(script, testing::HasSubstr("tailscale up"));
}

} // namespace
} // namespace drukbox::service::tailscale
