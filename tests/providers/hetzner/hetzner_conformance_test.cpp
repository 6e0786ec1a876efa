#include "providers/conformance.hpp"
#include "providers/fake_cloud.hpp"
#include "providers/faulting_proxy.hpp"
#include "service/providers/hetzner/hetzner_provider.hpp"

namespace drukbox::test {
namespace {

/// The fake cloud, with a proxy before it that breaks what it is told to.
class HetznerSubject final : public ConformanceSubject
{
public:
    std::optional<std::string> unavailable() const override { return FakeCloud::unavailable(); }

    std::unique_ptr<service::Provider> make(boost::asio::any_io_executor reactor,
                                            boost::asio::thread_pool& blocking,
                                            const std::string& installation) override
    {
        service::Environment environment;
        environment.add("HETZNER_API_URL", "http://127.0.0.1:" + std::to_string(proxy_.port()) + "/v1");
        environment.add("HETZNER_API_TOKEN", "hetzner-token-of-the-test");
        environment.add("HETZNER_LOCATION", "fsn1");
        auto settings = service::hetzner::HetznerSettings::load(environment, "drukbox-conformance");
        settings.installation = installation;
        settings.poll_interval = std::chrono::milliseconds{20};
        return service::hetzner::make_hetzner_provider(std::move(reactor), blocking, settings);
    }

    bool fail_create_at(std::size_t step) override
    {
        // The key, the server, its address.
        if (step == 2) {
            cloud_.control(
                R"({"broken":1000,"broken_path":"/v1/servers/","broken_status":500,"broken_body":"<html>"})");
        } else if (step < 2) {
            proxy_.arm(step, FaultingProxy::Fault::refuse);
        }
        return step <= 2;
    }

    bool lose_the_answer() override
    {
        proxy_.arm(1, FaultingProxy::Fault::lose_answer);
        return true;
    }

    void heal() override
    {
        proxy_.heal();
        cloud_.control(R"({"broken":0})");
    }

private:
    FakeCloud cloud_{"hetzner/fake_hetzner.py"};
    FaultingProxy proxy_{[this] { return cloud_.connect(); }};
};

std::unique_ptr<ConformanceSubject> make_hetzner_subject()
{
    return std::make_unique<HetznerSubject>();
}

INSTANTIATE_TEST_SUITE_P(Hetzner, ProviderConformance, testing::Values(make_hetzner_subject));

} // namespace
} // namespace drukbox::test
