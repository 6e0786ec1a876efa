#include "service/providers/aws/answers.hpp"
#include "service/providers/aws/credentials/profile.hpp"
#include "service/remote/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::aws {
namespace {

std::string instances(const std::string& item)
{
    return "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
           "<requestId>r</requestId><reservationSet><item><instancesSet><item>" +
           item + "</item></instancesSet></item></reservationSet></DescribeInstancesResponse>";
}

TEST(AwsAnswersTest, ReadsAMachineWithAndWithoutAnAddress)
{
    const auto page = parse_instances(instances(
        "<instanceId>i-0a</instanceId><instanceState><code>16</code><name>running</name></instanceState>"
        "<ipAddress>192.0.2.7</ipAddress><tagSet><item><key>drukbox-host-name</key>"
        "<value>sb-1</value></item></tagSet>"));
    ASSERT_EQ(page.instances.size(), 1U);
    EXPECT_EQ(page.instances[0].id, "i-0a");
    EXPECT_EQ(page.instances[0].state, "running");
    EXPECT_EQ(page.instances[0].public_ip, "192.0.2.7");
    EXPECT_EQ(page.instances[0].host_name, "sb-1");
    const auto bare = parse_instances(instances("<instanceId>i-0a</instanceId><instanceState><name>pending</"
                                                "name></instanceState><ipAddress/><tagSet/>"));
    EXPECT_EQ(bare.instances[0].public_ip, "");
}

TEST(AwsAnswersTest, RefusesWhatIsNoMachine)
{
    const std::string state = "<instanceState><name>running</name></instanceState>";
    const std::vector<std::string> items{
        std::string{},
        state,
        std::string{"<instanceId>i-0a</instanceId>"},
        "<instanceId>../x</instanceId>" + state,
        "<instanceId>i-0a</instanceId><ipAddress>ec2-1.example</ipAddress>" + state,
        "<instanceId>i-0a</instanceId><instanceState><name/></instanceState>",
        "<instanceId><b/></instanceId>" + state};
    for (const auto& item : items) {
        EXPECT_THROW(static_cast<void>(parse_instances(instances(item))), MalformedAnswer) << item;
    }
}

TEST(AwsAnswersTest, ReadsOnlySshOverIpv4OfAGroup)
{
    const auto group = parse_security_group(
        "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId><ipPermissions>"
        "<item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><ipRanges>"
        "<item><cidrIp>192.0.2.0/24</cidrIp></item><item><cidrIp>198.51.100.1/32</cidrIp></item></ipRanges>"
        "<ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges></item>"
        "<item><ipProtocol>tcp</ipProtocol><fromPort>80</fromPort><toPort>80</toPort><ipRanges>"
        "<item><cidrIp>203.0.113.0/24</cidrIp></item></ipRanges></item>"
        "<item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges></"
        "item>"
        "</ipPermissions></item></securityGroupInfo></DescribeSecurityGroupsResponse>");
    ASSERT_TRUE(group);
    EXPECT_EQ(group->id, "sg-1");
    EXPECT_THAT(group->ssh_cidrs, testing::ElementsAre("192.0.2.0/24", "198.51.100.1/32"));
    EXPECT_FALSE(parse_security_group("<DescribeSecurityGroupsResponse><securityGroupInfo/>"
                                      "</DescribeSecurityGroupsResponse>"));
}

TEST(AwsAnswersTest, FindsCodeAndMessageOfEveryServiceAndSurvivesTheRest)
{
    const auto ec2 =
        parse_failure("<Response><Errors><Error><Code>A</Code><Message>b</Message></Error></Errors>"
                      "</Response>");
    EXPECT_EQ(ec2.code + ":" + ec2.message, "A:b");
    const auto sts =
        parse_failure("<ErrorResponse><Error><Type>Sender</Type><Code>A</Code><Message>b</Message>"
                      "</Error></ErrorResponse>");
    EXPECT_EQ(sts.code + ":" + sts.message, "A:b");
    const auto ssm = parse_failure(R"({"__type":"com.amazonaws#A","Message":"b"})");
    EXPECT_EQ(ssm.code + ":" + ssm.message, "A:b");
    for (const auto* nothing : {"", "<html>oops", "{", "{}", "[]", R"({"__type":null})", "<a/>"}) {
        EXPECT_EQ(parse_failure(nothing).code, "") << nothing;
    }
}

TEST(AwsAnswersTest, ReadsTemporaryCredentials)
{
    const auto credentials = parse_json_credentials(
        R"({"AccessKeyId":"k","SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"})");
    EXPECT_EQ(credentials.access_key, "k");
    EXPECT_EQ(credentials.secret_key.reveal(), "s");
    EXPECT_EQ(credentials.session_token.reveal(), "t");
    EXPECT_EQ(credentials.expires, wire::Timestamp{std::chrono::seconds{1'893'456'000}});
    for (const auto* bad :
         {"", "{}", "null", "<html>",
          R"({"AccessKeyId":null,"SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"})",
          R"({"AccessKeyId":"k","SecretAccessKey":"s","Token":"t","Expiration":"soon"})"}) {
        EXPECT_THROW(static_cast<void>(parse_json_credentials(bad)), MalformedAnswer) << bad;
    }
}

TEST(AwsAnswersTest, ReadsAnEndInAnyYear)
{
    const auto end_of = [](const std::string& expiration) {
        return parse_json_credentials(
                   R"({"AccessKeyId":"k","SecretAccessKey":"s","Token":"t","Expiration":")" + expiration +
                   R"("})")
            .expires.value();
    };
    const auto now = end_of("2026-01-01T00:00:00Z");
    EXPECT_LT(end_of("0001-01-01T00:00:00Z"), now);
    EXPECT_GT(end_of("9999-12-31T23:59:59Z"), now);
}

TEST(AwsProfilesTest, PutsBothFilesTogether)
{
    const auto profiles =
        parse_profiles("[default]\nrole_arn = r\n[profile  b ]\nexternal_id=e\n[b]\nrole_arn=x\n",
                       "[b]\r\naws_access_key_id = k\r\naws_session_token=t=\r\n");
    EXPECT_EQ(profiles.at("default").role_arn, "r");
    EXPECT_EQ(profiles.at("b").access_key, "k");
    EXPECT_EQ(profiles.at("b").session_token.reveal(), "t=");
    EXPECT_EQ(profiles.at("b").external_id, "e");
    EXPECT_EQ(profiles.at("b").role_arn, "");
}

} // namespace
} // namespace drukbox::service::aws
