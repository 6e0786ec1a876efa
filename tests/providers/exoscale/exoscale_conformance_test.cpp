#include "providers/conformance.hpp"
#include "providers/fake_cloud.hpp"
#include "providers/faulting_proxy.hpp"
#include "service/providers/exoscale/exoscale_provider.hpp"

namespace drukbox::test {
namespace {

/// The fake cloud, with a proxy before it that breaks what it is told to.
class ExoscaleSubject final : public ConformanceSubject
{
public:
    std::optional<std::string> unavailable() const override { return FakeCloud::unavailable(); }

    std::unique_ptr<service::Provider> make(boost::asio::any_io_executor reactor,
                                            boost::asio::thread_pool& blocking,
                                            const std::string& installation) override
    {
        service::Environment environment;
        environment.add("EXOSCALE_API_URL", "http://127.0.0.1:" + std::to_string(proxy_.port()) + "/v2");
        environment.add("EXOSCALE_API_KEY", "EXO-key-of-the-test");
        environment.add("EXOSCALE_API_SECRET", "exoscale-secret-of-the-test");
        environment.add("EXOSCALE_ZONE", "ch-gva-2");
        auto settings = service::exoscale::ExoscaleSettings::load(environment, "drukbox-conformance");
        settings.installation = installation;
        settings.poll_interval = std::chrono::milliseconds{20};
        return service::exoscale::make_exoscale_provider(std::move(reactor), blocking, settings);
    }

    bool fail_create_at(std::size_t step) override
    {
        // Template, type, key, instance, its address.
        if (step == 4) {
            cloud_.control(
                R"({"broken":1000,"broken_path":"/v2/instance/","broken_status":500,"broken_body":"<html>"})");
        } else if (step < 4) {
            proxy_.arm(step, FaultingProxy::Fault::refuse);
        }
        return step <= 4;
    }

    bool lose_the_answer() override
    {
        proxy_.arm(3, FaultingProxy::Fault::lose_answer);
        return true;
    }

    void heal() override
    {
        proxy_.heal();
        cloud_.control(R"({"broken":0})");
    }

private:
    FakeCloud cloud_{"exoscale/fake_exoscale.py"};
    FaultingProxy proxy_{[this] { return cloud_.connect(); }};
};

std::unique_ptr<ConformanceSubject> make_exoscale_subject()
{
    return std::make_unique<ExoscaleSubject>();
}

INSTANTIATE_TEST_SUITE_P(Exoscale, ProviderConformance, testing::Values(make_exoscale_subject));

} // namespace
} // namespace drukbox::test
