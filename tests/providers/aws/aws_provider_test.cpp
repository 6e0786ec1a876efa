// What is particular to AWS, against moto: every request's signature is checked by botocore on the way.
#include "providers/fake_cloud.hpp"
#include "providers/run.hpp"
#include "service/providers/aws/aws_provider.hpp"
#include "service/providers/aws/launch.hpp"
#include "service/ssh/key_pair.hpp"
#include "support/temporary_directory.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace drukbox::service::aws {
namespace {

using test::FakeCloud;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class AwsProviderTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { cloud_ = std::make_unique<FakeCloud>("aws/fake_aws.py"); }

    static void TearDownTestSuite() { cloud_.reset(); }

    AwsProviderTest()
    {
        set("AWS_ENDPOINT_URL", url());
        set("AWS_REGION", "us-east-1");
        set("AWS_DEFAULT_IMAGE", "ami-12c6146b");
        set("AWS_SSH_CIDRS", "192.0.2.1/24,198.51.100.0/24");
        set("AWS_EC2_METADATA_SERVICE_ENDPOINT", url());
        // Nothing of whoever runs this test.
        set("HOME", files_.path().string());
        cloud_->control(R"({"silent":true,"throttle":0,"expired":0,"broken":0,"lives":3600})");
        asked_ = cloud_requests().size();
    }

    ~AwsProviderTest() override { blocking_.join(); }

    static std::string url(const std::string& path = "")
    {
        return "http://127.0.0.1:" + std::to_string(cloud_->port()) + path;
    }

    void set(const std::string& name, const std::string& value) { variables_[name] = value; }

    void give_lasting_credentials()
    {
        set("AWS_ACCESS_KEY_ID", "AKIAOFTHETEST");
        set("AWS_SECRET_ACCESS_KEY", "secret/of+the=test");
    }

    std::string write(const std::string& name, const std::string& text)
    {
        const auto path = files_.path() / name;
        std::ofstream{path} << text;
        return path.string();
    }

    std::unique_ptr<Provider> make()
    {
        Environment environment;
        for (const auto& [name, value] : variables_) {
            environment.add(name, value);
        }
        auto settings = AwsSettings::load(environment, "drukbox-test");
        settings.poll_interval = std::chrono::milliseconds{20};
        return make_aws_provider(reactor_.get_executor(), blocking_, settings);
    }

    VmSpec spec(const std::string& name)
    {
        VmSpec result;
        result.name = name;
        result.image = "ami-12c6146b";
        result.authorized_key = key_.public_key;
        result.host_key = key_.private_key;
        result.host_public_key = key_.public_key;
        return result;
    }

    template <class Result>
    Result run(boost::asio::awaitable<Result> task)
    {
        return test::run_on(reactor_, std::move(task));
    }

    /// `account=… arn=…`, or what went wrong.
    std::string diagnosis()
    {
        try {
            return run(make()->diagnose()).detail;
        } catch (const ProviderError& error) {
            return error.kind() + ": " + error.what();
        }
    }

    static boost::json::array cloud_requests() { return boost::json::parse(cloud_->requests()).as_array(); }

    /// The bodies of the calls that this test has made, of that action.
    std::vector<std::string> calls(const std::string& action)
    {
        std::vector<std::string> result;
        const auto all = cloud_requests();
        for (std::size_t i = asked_; i < all.size(); ++i) {
            std::string body{all[i].at("body").as_string()};
            if (body.starts_with("Action=" + action + "&")) {
                result.push_back(std::move(body));
            }
        }
        return result;
    }

    static std::unique_ptr<FakeCloud> cloud_;
    test::TemporaryDirectory files_;
    std::map<std::string, std::string> variables_;
    ssh::KeyPair key_ = ssh::KeyPair::generate();
    std::size_t asked_ = 0;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{2};
};

std::unique_ptr<FakeCloud> AwsProviderTest::cloud_;

TEST_F(AwsProviderTest, LaunchesWhatTheContractSays)
{
    give_lasting_credentials();
    auto wanted = spec("sb-launch");
    wanted.instance_type = "m5.large";
    wanted.disk_gb = 33;
    const auto provider = make();
    const Vm vm = run(provider->create(std::move(wanted)));
    EXPECT_EQ(vm.ssh_host, "127.0.0.1");
    EXPECT_EQ(vm.ssh_username, "ubuntu");
    EXPECT_EQ(vm.known_hosts, "127.0.0.1 " + key_.public_key + "\n");
    const auto launches = calls("RunInstances");
    ASSERT_EQ(launches.size(), 1U);
    for (const auto* part :
         {"&ClientToken=sb-launch&", "&InstanceType=m5.large&", "&MinCount=1&MaxCount=1&",
          "&KeyName=drukbox-sb-launch&", "&BlockDeviceMapping.1.DeviceName=%2Fdev%2Fsda1&",
          "&BlockDeviceMapping.1.Ebs.VolumeSize=33&", "&BlockDeviceMapping.1.Ebs.VolumeType=gp3&",
          "&BlockDeviceMapping.1.Ebs.Encrypted=true&", "&BlockDeviceMapping.1.Ebs.DeleteOnTermination=true&",
          "&MetadataOptions.HttpTokens=required&", "&MetadataOptions.HttpPutResponseHopLimit=1&",
          "&TagSpecification.1.ResourceType=instance&", "&TagSpecification.2.ResourceType=volume&",
          "&TagSpecification.2.Tag.1.Key=managed-by&TagSpecification.2.Tag.1.Value=drukbox-test&",
          "&TagSpecification.1.Tag.2.Key=Name&TagSpecification.1.Tag.2.Value=sb-launch&",
          "&TagSpecification.1.Tag.3.Key=drukbox-host-name&TagSpecification.1.Tag.3.Value=sb-launch&"}) {
        EXPECT_THAT(launches.front(), HasSubstr(part));
    }
    run(provider->remove(vm.name));
    EXPECT_EQ(calls("TerminateInstances").size(), 1U);
    EXPECT_EQ(calls("DeleteKeyPair").size(), 1U);
}

TEST_F(AwsProviderTest, DeletesTheKeyPairAlsoWhenThereIsNoMachine)
{
    give_lasting_credentials();
    run(make()->remove("sb-nobody"));
    EXPECT_THAT(calls("DeleteKeyPair"), Contains(HasSubstr("KeyName=drukbox-sb-nobody")));
    EXPECT_THAT(calls("TerminateInstances"), testing::IsEmpty());
}

TEST_F(AwsProviderTest, PutsAKeyInThePlaceOfOneThatIsThere)
{
    give_lasting_credentials();
    const auto provider = make();
    const Vm first = run(provider->create(spec("sb-twice")));
    const Vm second = run(provider->create(spec("sb-twice")));
    EXPECT_EQ(calls("ImportKeyPair").size(), 3U);
    EXPECT_EQ(calls("DeleteKeyPair").size(), 1U);
    run(provider->remove(first.name));
    EXPECT_THAT(run(provider->list()), testing::IsEmpty());
}

TEST_F(AwsProviderTest, MakesTheGroupEqualToTheNetworksAndLeavesItWhenItIs)
{
    give_lasting_credentials();
    set("AWS_REGION", "eu-west-1");
    run(make()->create(spec("sb-group1")));
    EXPECT_EQ(calls("CreateSecurityGroup").size(), 1U);
    EXPECT_THAT(
        calls("AuthorizeSecurityGroupIngress"),
        testing::ElementsAre(HasSubstr("CidrIp=192.0.2.0%2F24"), HasSubstr("CidrIp=198.51.100.0%2F24")));
    EXPECT_EQ(calls("RevokeSecurityGroupIngress").size(), 0U);

    run(make()->create(spec("sb-group2")));
    EXPECT_EQ(calls("AuthorizeSecurityGroupIngress").size(), 2U);

    set("AWS_SSH_CIDRS", "198.51.100.0/24,203.0.113.7/32");
    const auto provider = make();
    run(provider->create(spec("sb-group3")));
    run(provider->create(spec("sb-group4")));
    EXPECT_EQ(calls("CreateSecurityGroup").size(), 1U);
    EXPECT_THAT(calls("AuthorizeSecurityGroupIngress"),
                testing::ElementsAre(testing::_, testing::_, HasSubstr("CidrIp=203.0.113.7%2F32")));
    EXPECT_THAT(calls("RevokeSecurityGroupIngress"),
                testing::ElementsAre(HasSubstr("CidrIp=192.0.2.0%2F24")));
    EXPECT_EQ(calls("DescribeSecurityGroups").size(), 3U);
}

TEST_F(AwsProviderTest, OpensSshToItsOwnAddressOrToEverybodyUntilItKnows)
{
    give_lasting_credentials();
    set("AWS_REGION", "eu-west-2");
    set("AWS_SSH_CIDRS", "");
    set("AWS_CHECKIP_URL", url("/checkip"));
    cloud_->control(R"({"address":"<html>"})");
    const auto provider = make();
    run(provider->create(spec("sb-own1")));
    EXPECT_THAT(calls("AuthorizeSecurityGroupIngress"),
                testing::ElementsAre(HasSubstr("CidrIp=0.0.0.0%2F0")));
    cloud_->control(R"({"address":"203.0.113.9"})");
    run(provider->create(spec("sb-own2")));
    EXPECT_THAT(calls("AuthorizeSecurityGroupIngress"), Contains(HasSubstr("CidrIp=203.0.113.9%2F32")));
    EXPECT_THAT(calls("RevokeSecurityGroupIngress"), testing::ElementsAre(HasSubstr("CidrIp=0.0.0.0%2F0")));
}

TEST_F(AwsProviderTest, NeverTouchesAGroupThatIsGiven)
{
    give_lasting_credentials();
    set("AWS_SECURITY_GROUP_ID", "sg-0123456789abcdef0");
    try {
        run(make()->create(spec("sb-given")));
    } catch (const ProviderError&) {
        // moto knows no such group.
    }
    EXPECT_THAT(calls("RunInstances"), Contains(HasSubstr("SecurityGroupId.1=sg-0123456789abcdef0")));
    EXPECT_THAT(calls("DescribeSecurityGroups"), testing::IsEmpty());
    EXPECT_THAT(calls("AuthorizeSecurityGroupIngress"), testing::IsEmpty());
}

TEST_F(AwsProviderTest, NeedsNoKeyGroupAndAddressOnATailnet)
{
    give_lasting_credentials();
    auto wanted = spec("sb-tail");
    wanted.setup_script = Redacted{"#!/bin/sh\ntailscale up\n"};
    const auto provider = make();
    const Vm vm = run(provider->create(std::move(wanted)));
    EXPECT_EQ(vm.ssh_host, "");
    EXPECT_EQ(vm.host_key, key_.public_key);
    run(provider->wait_until_reachable(vm));
    EXPECT_THAT(calls("ImportKeyPair"), testing::IsEmpty());
    EXPECT_THAT(calls("DescribeSecurityGroups"), testing::IsEmpty());
    EXPECT_THAT(calls("DescribeInstances"), testing::IsEmpty());
    EXPECT_THAT(calls("RunInstances"),
                testing::ElementsAre(AllOf(Not(HasSubstr("KeyName=")), Not(HasSubstr("NetworkInterface")))));
    run(provider->remove(vm.name));
}

TEST_F(AwsProviderTest, LooksAnImageUpAtEveryLaunch)
{
    give_lasting_credentials();
    auto wanted = spec("sb-image");
    wanted.image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    const auto provider = make();
    const Vm vm = run(provider->create(wanted));
    EXPECT_THAT(calls("RunInstances"), testing::ElementsAre(HasSubstr("&ImageId=ami-")));
    run(provider->remove(vm.name));
    wanted.image = "/nowhere";
    try {
        run(provider->create(wanted));
        ADD_FAILURE() << "there is no such parameter";
    } catch (const ProviderError& error) {
        EXPECT_THAT(error.what(), HasSubstr("aws failed to find the image /nowhere: ParameterNotFound"));
    }
}

TEST_F(AwsProviderTest, SharesItsLooksAmongThoseWhoWait)
{
    give_lasting_credentials();
    const auto provider = make();
    std::vector<std::future<Vm>> made;
    for (int i = 0; i < 5; ++i) {
        made.push_back(boost::asio::co_spawn(reactor_, provider->create(spec("sb-many" + std::to_string(i))),
                                             boost::asio::use_future));
    }
    reactor_.restart();
    reactor_.run();
    for (auto& one : made) {
        run(provider->remove(one.get().name));
    }
    EXPECT_EQ(calls("RunInstances").size(), 5U);
    EXPECT_EQ(calls("DescribeSecurityGroups").size(), 1U);
}

TEST_F(AwsProviderTest, WaitsWhenItIsAskedForLess)
{
    give_lasting_credentials();
    cloud_->control(R"({"throttle":2})");
    EXPECT_THAT(diagnosis(), HasSubstr("account=123456789012 arn=arn:aws:"));
    EXPECT_EQ(calls("GetCallerIdentity").size(), 3U);
}

TEST_F(AwsProviderTest, SaysWhenItsCredentialsAreRefused)
{
    give_lasting_credentials();
    set("AWS_SECRET_ACCESS_KEY", "another-s3cret");
    EXPECT_THAT(diagnosis(),
                AllOf(HasSubstr("ProviderAuthError: aws failed to tell whose credentials these are: "
                                "SignatureDoesNotMatch"),
                      Not(HasSubstr("s3cret"))));
}

TEST_F(AwsProviderTest, SaysThatItHasNoCredentials)
{
    set("AWS_EC2_METADATA_DISABLED", "true");
    EXPECT_THAT(diagnosis(), HasSubstr("ProviderAuthError: aws has no credentials: "));
    EXPECT_THAT(make()->warnings(), testing::ElementsAre("no AWS credentials are set"));
}

TEST_F(AwsProviderTest, TakesCredentialsOfAProfile)
{
    set("AWS_PROFILE", "work");
    set("AWS_SHARED_CREDENTIALS_FILE",
        write("credentials", "[default]\naws_access_key_id = no\naws_secret_access_key = no\n"
                             "[work]\naws_access_key_id=AKIAOFTHETEST\n"
                             "aws_secret_access_key = secret/of+the=test\n"));
    EXPECT_THAT(diagnosis(), HasSubstr("account=123456789012"));
}

TEST_F(AwsProviderTest, AssumesTheRoleOfAProfileWithThoseOfAnother)
{
    set("AWS_PROFILE", "deploy");
    set("AWS_CONFIG_FILE",
        write("config",
              "# ours\n[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/sandbox\n"
              "source_profile = base\nexternal_id = x1\n  nested = 1\n[sso-session base]\nrole_arn=no\n"));
    set("AWS_SHARED_CREDENTIALS_FILE", write("credentials", "[base]\naws_access_key_id = AKIAOFTHETEST\n"
                                                            "aws_secret_access_key = secret/of+the=test\n"));
    EXPECT_THAT(diagnosis(), HasSubstr("assumed-role/sandbox/drukbox"));
    EXPECT_THAT(calls("AssumeRole"), testing::ElementsAre(HasSubstr("&ExternalId=x1")));
}

TEST_F(AwsProviderTest, AssumesARoleWithAWebIdentity)
{
    set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web");
    set("AWS_ROLE_SESSION_NAME", "session-7");
    set("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "a.b.c\n"));
    EXPECT_THAT(diagnosis(), HasSubstr("assumed-role/web/session-7"));
    EXPECT_THAT(calls("AssumeRoleWithWebIdentity"),
                testing::ElementsAre(HasSubstr("&WebIdentityToken=a.b.c")));
}

TEST_F(AwsProviderTest, TakesCredentialsOfAContainer)
{
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url("/container"));
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", write("door", "door-token\n"));
    EXPECT_THAT(diagnosis(), HasSubstr("account=123456789012"));
}

TEST_F(AwsProviderTest, TakesTheRoleOfAnInstance)
{
    EXPECT_THAT(diagnosis(), HasSubstr("account=123456789012"));
}

TEST_F(AwsProviderTest, RenewsCredentialsBeforeTheyExpireAndWhenTheyAreRefused)
{
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url("/container"));
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "door-token");
    const auto times_asked = [&] {
        std::size_t count = 0;
        const auto all = cloud_requests();
        for (std::size_t i = asked_; i < all.size(); ++i) {
            count += all[i].at("path").as_string() == "/container" ? 1 : 0;
        }
        return count;
    };
    const auto provider = make();
    run(provider->diagnose());
    run(provider->diagnose());
    EXPECT_EQ(times_asked(), 1U);
    cloud_->control(R"({"expired":1,"lives":60})");
    run(provider->diagnose());
    EXPECT_EQ(times_asked(), 2U);
    run(provider->diagnose());
    EXPECT_EQ(times_asked(), 3U);
}

} // namespace
} // namespace drukbox::service::aws
