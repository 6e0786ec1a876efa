#include "providers/run.hpp"
#include "service/providers/aws/aws_provider.hpp"
#include "support/scripted_server.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

namespace drukbox::service::aws {
namespace {

using test::http_answer;
using test::Peer;
using test::ScriptedServer;

std::string refusal(const std::string& code, const std::string& message, const std::string& status)
{
    return http_answer("<Response><Errors><Error><Code>" + code + "</Code><Message>" + message +
                           "</Message></Error></Errors></Response>",
                       status);
}

std::string instance(const std::string& rest)
{
    return http_answer(
        "<DescribeInstancesResponse><requestId>r</requestId><reservationSet><item><instancesSet>"
        "<item><instanceId>i-1</instanceId>" +
        rest + "</item></instancesSet></item></reservationSet></DescribeInstancesResponse>");
}

const std::string parameter = http_answer(R"({"Parameter":{"Value":"ami-1"}})");
const std::string subnets =
    http_answer("<DescribeSubnetsResponse><subnetSet><item><vpcId>vpc-1</vpcId></item>"
                "</subnetSet></DescribeSubnetsResponse>");
const std::string no_groups = http_answer("<DescribeSecurityGroupsResponse><securityGroupInfo/>"
                                          "</DescribeSecurityGroupsResponse>");
const std::string group = http_answer("<CreateSecurityGroupResponse><groupId>sg-1</groupId>"
                                      "</CreateSecurityGroupResponse>");
const std::string opened = http_answer("<AuthorizeSecurityGroupIngressResponse/>");
const std::string imported = http_answer("<ImportKeyPairResponse/>");
const std::string launched =
    http_answer("<RunInstancesResponse><instancesSet><item><instanceId>i-1</instanceId>"
                "</item></instancesSet></RunInstancesResponse>");
const std::string running = instance("<instanceState><name>running</name></instanceState>"
                                     "<ipAddress>192.0.2.7</ipAddress>");

const std::vector<std::string> good{parameter, subnets,  no_groups, group,
                                    opened,    imported, launched,  running};

/// An Amazon that says what a test wants in turn, its last word again and again.
class AwsFaultsTest : public testing::Test
{
protected:
    AwsFaultsTest()
    {
        settings_.region = "eu-central-1";
        settings_.service_label = "drukbox";
        settings_.ssh_cidrs = {"192.0.2.0/24"};
        settings_.api_timeout = std::chrono::seconds{1};
        settings_.poll_interval = std::chrono::milliseconds{1};
        settings_.credentials.access_key = "AKIA";
        settings_.credentials.secret_key = Redacted{"s3cret-key"};
        settings_.credentials.session_token = Redacted{"s3cret-token"};
        spec_.name = "sb-1";
        spec_.image = "/images/newest";
        spec_.host_key = Redacted{"s3cret-host-key"};
        spec_.env["TOKEN"] = Redacted{"s3cret-value"};
    }

    ~AwsFaultsTest() override { blocking_.join(); }

    template <class Result>
    std::string failure(const std::vector<std::string>& answers,
                        boost::asio::awaitable<Result> (*call)(Provider&, VmSpec))
    {
        requests_ = 0;
        ScriptedServer cloud{[&](Peer& peer) {
            static_cast<void>(peer.read_message());
            const std::string answer = answers.at(std::min<std::size_t>(requests_++, answers.size() - 1));
            if (answer == "silence") {
                peer.wait_closed();
            }
            peer.send(answer);
        }};
        settings_.ec2_url = settings_.ssm_url = settings_.sts_url = cloud.url("");
        const auto provider = make_aws_provider(reactor_.get_executor(), blocking_, settings_);
        try {
            static_cast<void>(test::run_on(reactor_, call(*provider, spec_)));
        } catch (const ProviderError& error) {
            return error.kind() + ": " + error.what();
        }
        return "none";
    }

    std::string create_failure(const std::vector<std::string>& answers)
    {
        return failure<Vm>(answers,
                           [](Provider& provider, VmSpec spec) { return provider.create(std::move(spec)); });
    }

    /// The first good answers, then this one.
    static std::vector<std::string> good_until(std::size_t step, const std::string& then)
    {
        std::vector<std::string> answers(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(step));
        answers.push_back(then);
        return answers;
    }

    AwsSettings settings_;
    VmSpec spec_;
    std::atomic<std::size_t> requests_ = 0;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{1};
};

TEST_F(AwsFaultsTest, ACreateMayTakeEightCalls)
{
    EXPECT_EQ(create_failure(good), "none");
    EXPECT_EQ(requests_, good.size());
}

TEST_F(AwsFaultsTest, EveryNonsenseAtEveryStepIsANeutralError)
{
    const std::vector<std::string> nonsense{
        http_answer("<html>oops</html>", "500 Internal Server Error"),
        http_answer("<html>oops</html>"),
        http_answer("<html><body>oops"),
        http_answer(""),
        http_answer("null"),
        http_answer("{}"),
        http_answer(R"({"Parameter":null})"),
        http_answer("<DescribeInstancesResponse/>"),
        http_answer("<SomethingResponse><instancesSet><item/></instancesSet></SomethingResponse>"),
        instance("<instanceState><name>running</name></instanceState><ipAddress>a b</ipAddress>"),
        refusal("Odd", "neither s3cret-key nor s3cret-token", "400 Bad Request"),
        refusal("UnauthorizedOperation", "no", "403 Forbidden"),
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<",
        "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "",
    };
    for (std::size_t step = 0; step < good.size(); ++step) {
        for (const auto& bad : nonsense) {
            const auto text = create_failure(good_until(step, bad));
            EXPECT_THAT(text, testing::ContainsRegex("^Provider[A-Za-z]+: aws ")) << step << " " << bad;
            EXPECT_THAT(text, testing::Not(testing::HasSubstr("s3cret"))) << step << " " << bad;
        }
    }
}

TEST_F(AwsFaultsTest, SaysWhatAmazonSays)
{
    EXPECT_EQ(
        create_failure(good_until(
            6, refusal("InsufficientInstanceCapacity", "There is no room.", "500 Internal Server Error"))),
        "ProviderUnavailable: aws failed to launch the machine: InsufficientInstanceCapacity: There is no "
        "room.");
    EXPECT_EQ(
        create_failure(good_until(6, refusal("UnauthorizedOperation", "You may not.", "403 Forbidden"))),
        "ProviderAuthError: aws failed to launch the machine: UnauthorizedOperation: You may not.");
    EXPECT_EQ(create_failure(good_until(
                  7, instance("<instanceState><name>terminated</name></instanceState>"
                              "<stateReason><message>Client.VolumeLimitExceeded</message></stateReason>"))),
              "ProviderError: aws ended the machine i-1 instead of starting it: Client.VolumeLimitExceeded");
    EXPECT_EQ(create_failure({"silence"}), "ProviderUnavailable: aws did not answer in time");
}

TEST_F(AwsFaultsTest, RepeatsNoVariableAndNoHostKeyOfAMachine)
{
    EXPECT_EQ(
        create_failure(good_until(6, refusal("Odd", "s3cret-value, s3cret-host-key", "400 Bad Request"))),
        "ProviderError: aws failed to launch the machine: Odd: <redacted>, <redacted>");
}

TEST_F(AwsFaultsTest, GivesUpOnAnAddressThatDoesNotComeInTime)
{
    settings_.address_timeout = std::chrono::seconds{1};
    EXPECT_EQ(create_failure(good_until(7, instance("<instanceState><name>running</name></instanceState>"))),
              "ProviderTimeout: aws gave the machine i-1 no public address in time");
}

TEST_F(AwsFaultsTest, WaitsForAMachineThatAmazonDoesNotKnowYet)
{
    auto answers =
        good_until(7, http_answer("<DescribeInstancesResponse><requestId>r</requestId><reservationSet/>"
                                  "</DescribeInstancesResponse>"));
    answers.push_back(instance("<instanceState><name>pending</name></instanceState>"));
    answers.push_back(refusal("RequestLimitExceeded", "slow", "503 Service Unavailable"));
    answers.push_back(running);
    EXPECT_EQ(create_failure(answers), "none");
    EXPECT_EQ(requests_, answers.size());
}

TEST_F(AwsFaultsTest, RefusesWhatUserDataCannotCarryBeforeAnythingExists)
{
    spec_.env["A"] = Redacted{std::string{"x\0y", 3}};
    EXPECT_EQ(create_failure(good), "ProviderError: aws cannot carry the NUL in the value of the variable A");
    spec_.env["A"] = Redacted{std::string(16'384, 'x')};
    EXPECT_THAT(create_failure(good), testing::StartsWith("ProviderError: aws carries at most 16 KiB"));
    EXPECT_EQ(requests_, 0U);
}

TEST_F(AwsFaultsTest, TakesNoPageForARemoval)
{
    const auto remove = [](Provider& provider, VmSpec spec) -> boost::asio::awaitable<int> {
        co_await provider.remove(spec.name);
        co_return 0;
    };
    const auto page = http_answer("<html>oops</html>");
    const auto ended = http_answer("<TerminateInstancesResponse/>");
    EXPECT_EQ(failure<int>({running, ended, http_answer("<DeleteKeyPairResponse/>")}, remove), "none");
    EXPECT_THAT(failure<int>({page}, remove), testing::HasSubstr("aws answered"));
    EXPECT_THAT(failure<int>({running, page}, remove), testing::HasSubstr("aws answered"));
    EXPECT_THAT(failure<int>({running, ended, page}, remove), testing::HasSubstr("aws answered"));
    const auto gone = refusal("InvalidInstanceID.NotFound", "gone", "400 Bad Request");
    const auto no_key = refusal("InvalidKeyPair.NotFound", "gone", "400 Bad Request");
    EXPECT_EQ(failure<int>({running, gone, no_key}, remove), "none");
}

} // namespace
} // namespace drukbox::service::aws
