#include "providers/conformance.hpp"
#include "providers/fake_cloud.hpp"
#include "providers/faulting_proxy.hpp"
#include "service/providers/aws/aws_provider.hpp"

#include <array>

namespace drukbox::test {
namespace {

/// moto with real SSH servers, and a proxy before it that loses an answer.
class AwsSubject final : public ConformanceSubject
{
public:
    std::optional<std::string> unavailable() const override { return FakeCloud::unavailable(); }

    std::unique_ptr<service::Provider> make(boost::asio::any_io_executor reactor,
                                            boost::asio::thread_pool& blocking,
                                            const std::string& installation) override
    {
        service::Environment environment;
        environment.add("AWS_ENDPOINT_URL", "http://127.0.0.1:" + std::to_string(proxy_.port()));
        environment.add("AWS_ACCESS_KEY_ID", "AKIAOFTHETEST");
        environment.add("AWS_SECRET_ACCESS_KEY", "secret/of+the=test");
        environment.add("AWS_REGION", "eu-central-1");
        environment.add("AWS_DEFAULT_IMAGE", "ami-12c6146b");
        environment.add("AWS_SSH_CIDRS", "127.0.0.0/8");
        auto settings = service::aws::AwsSettings::load(environment, "drukbox-conformance");
        settings.installation = installation;
        settings.poll_interval = std::chrono::milliseconds{20};
        return service::aws::make_aws_provider(std::move(reactor), blocking, settings);
    }

    bool fail_create_at(std::size_t step) override
    {
        constexpr std::array<const char*, 7> actions{"DescribeSubnets",     "DescribeSecurityGroups",
                                                     "CreateSecurityGroup", "AuthorizeSecurityGroupIngress",
                                                     "ImportKeyPair",       "RunInstances",
                                                     "DescribeInstances"};
        if (step >= actions.size()) {
            return false;
        }
        cloud_.control(R"({"broken":1000,"broken_status":500,"broken_body":"<html>","broken_action":")" +
                       std::string{actions.at(step)} + "\"}");
        return true;
    }

    bool lose_the_answer() override
    {
        // After the four calls for the group and the one for the key.
        proxy_.arm(5, FaultingProxy::Fault::lose_answer);
        return true;
    }

    void heal() override
    {
        proxy_.heal();
        cloud_.control(R"({"broken":0})");
    }

private:
    FakeCloud cloud_{"aws/fake_aws.py"};
    FaultingProxy proxy_{[this] { return cloud_.connect(); }};
};

std::unique_ptr<ConformanceSubject> make_aws_subject()
{
    return std::make_unique<AwsSubject>();
}

INSTANTIATE_TEST_SUITE_P(Aws, ProviderConformance, testing::Values(make_aws_subject));

} // namespace
} // namespace drukbox::test
