#include "providers/conformance.hpp"
#include "providers/fake_cloud.hpp"
#include "providers/faulting_proxy.hpp"
#include "service/providers/exe/exe_provider.hpp"
#include "service/ssh/key_pair.hpp"

namespace drukbox::test {
namespace {

/// The fake cloud, with a proxy before it that breaks what it is told to.
class ExeSubject final : public ConformanceSubject
{
public:
    ExeSubject() { cloud_.control(R"({"account_key":")" + account_.public_key + "\"}"); }

    std::optional<std::string> unavailable() const override { return FakeCloud::unavailable(); }

    std::unique_ptr<service::Provider> make(boost::asio::any_io_executor reactor,
                                            boost::asio::thread_pool& blocking,
                                            const std::string& installation) override
    {
        service::Environment environment;
        environment.add("EXE_API_URL", "http://127.0.0.1:" + std::to_string(proxy_.port()));
        environment.add("EXE_API_TOKEN", "exe-token-of-the-test");
        environment.add("EXE_DEFAULT_IMAGE", "exeuntu");
        // A machine that is busy with other tests may take long to start an SSH server.
        environment.add("EXE_BOOTSTRAP_SSH_TIMEOUT_SECONDS", "120");
        auto settings = service::exe::ExeSettings::load(environment, "drukbox-conformance");
        settings.installation = installation;
        return service::exe::make_exe_provider(std::move(reactor), blocking, settings);
    }

    bool fail_create_at(std::size_t step) override
    {
        // One command makes it all; its answer may be nonsense.
        if (step == 0) {
            proxy_.arm(0, FaultingProxy::Fault::refuse);
        } else if (step == 1) {
            cloud_.control(R"({"broken":1,"broken_status":200,"broken_body":"<html>"})");
        }
        return step <= 1;
    }

    bool lose_the_answer() override
    {
        proxy_.arm(0, FaultingProxy::Fault::lose_answer);
        return true;
    }

    void heal() override
    {
        proxy_.heal();
        cloud_.control(R"({"broken":0})");
    }

    std::optional<service::Redacted> account_key() const override { return account_.private_key; }

    bool carries_newlines() const override { return false; }

private:
    const service::ssh::KeyPair account_ = service::ssh::KeyPair::generate();
    FakeCloud cloud_{"exe/fake_exe.py"};
    FaultingProxy proxy_{[this] { return cloud_.connect(); }};
};

std::unique_ptr<ConformanceSubject> make_exe_subject()
{
    return std::make_unique<ExeSubject>();
}

INSTANTIATE_TEST_SUITE_P(Exe, ProviderConformance, testing::Values(make_exe_subject));

} // namespace
} // namespace drukbox::test
