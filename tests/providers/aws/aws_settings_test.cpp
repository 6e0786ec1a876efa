#include "service/providers/aws/aws_provider.hpp"
#include "service/providers/aws/aws_settings.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::aws {
namespace {

AwsSettings load(const std::map<std::string, std::string>& variables)
{
    Environment environment;
    environment.add("AWS_REGION", "eu-central-1");
    for (const auto& [name, value] : variables) {
        environment.add(name, value);
    }
    return AwsSettings::load(environment, "drukbox");
}

TEST(AwsSettingsTest, HasTheUsualOnes)
{
    const auto settings = load({});
    EXPECT_EQ(settings.instance_type, "t3.medium");
    EXPECT_EQ(settings.root_gb, 100);
    EXPECT_EQ(settings.ssh_username, "ubuntu");
    EXPECT_EQ(settings.ec2_url, "https://ec2.eu-central-1.amazonaws.com");
    EXPECT_EQ(settings.ssm_url, "https://ssm.eu-central-1.amazonaws.com");
    EXPECT_EQ(settings.credentials.sts_url, "https://sts.eu-central-1.amazonaws.com");
    EXPECT_EQ(settings.ready_timeout, std::chrono::seconds{120});
}

TEST(AwsSettingsTest, PointsEachServiceElsewhere)
{
    const auto settings = load(
        {{"AWS_ENDPOINT_URL", "http://127.0.0.1:5000/"}, {"AWS_ENDPOINT_URL_STS", "https://sts.example"}});
    EXPECT_EQ(settings.ec2_url, "http://127.0.0.1:5000");
    EXPECT_EQ(settings.ssm_url, "http://127.0.0.1:5000");
    EXPECT_EQ(settings.sts_url, "https://sts.example");
}

TEST(AwsSettingsTest, WritesNetworksAsEc2Does)
{
    EXPECT_THAT(load({{"AWS_SSH_CIDRS", "10.1.2.3/8, 192.0.2.1/32,,10.0.0.0/8"}}).ssh_cidrs,
                testing::ElementsAre("10.0.0.0/8", "192.0.2.1/32"));
}

TEST(AwsSettingsTest, RefusesWhatIsMalformedByName)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"AWS_REGION", "eu/central"},
        {"AWS_ROOT_GB", "0"},
        {"AWS_SUBNET_ID", "vpc-1"},
        {"AWS_SECURITY_GROUP_ID", "drukbox"},
        {"AWS_SSH_CIDRS", "::/0"},
        {"AWS_SSH_CIDRS", "10.0.0.0"},
        {"AWS_ENDPOINT_URL", "localhost:5000"},
        {"AWS_ENDPOINT_URL_SSM", "ftp://x"},
        {"AWS_ACCESS_KEY_ID", "alone"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.example/x"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1@evil/x"},
        {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "x"},
    };
    for (const auto& [name, value] : cases) {
        Environment environment;
        environment.add(name, value);
        environment.add("AWS_REGION", "eu-central-1");
        try {
            static_cast<void>(AwsSettings::load(environment, "drukbox"));
            ADD_FAILURE() << name << "=" << value;
        } catch (const SettingError& error) {
            const auto key = name == "AWS_ACCESS_KEY_ID" ? "AWS_SECRET_ACCESS_KEY" : name;
            EXPECT_THAT(error.what(), testing::HasSubstr(key));
        }
    }
}

TEST(AwsSettingsTest, AsksForTheProviderByDefaultOrImage)
{
    ProviderBasics basics;
    basics.default_provider = "local";
    Environment environment;
    // Other programs read it too.
    environment.add("AWS_REGION", "eu-central-1");
    EXPECT_FALSE(configure(environment, basics));
    environment.add("AWS_DEFAULT_IMAGE", "ami-1");
    EXPECT_TRUE(configure(environment, basics));
}

TEST(AwsSettingsTest, WarnsOfWhatIsMissing)
{
    ProviderBasics basics;
    basics.default_provider = "aws";
    const auto maker = configure(Environment{}, basics);
    ASSERT_TRUE(maker);
    boost::asio::io_context reactor;
    boost::asio::thread_pool blocking{1};
    EXPECT_THAT((*maker)(reactor.get_executor(), blocking, "")->warnings(),
                testing::ElementsAre(testing::HasSubstr("AWS_REGION")));
}

} // namespace
} // namespace drukbox::service::aws
