#include "providers/conformance.hpp"
#include "providers/docker/engine_address.hpp"
#include "providers/faulting_proxy.hpp"
#include "service/providers/docker/docker_provider.hpp"

namespace drukbox::test {
namespace {

constexpr std::string_view unix_scheme = "unix://";

/// A real engine, with a proxy before it that breaks what it is told to.
class EngineSubject final : public ConformanceSubject
{
public:
    explicit EngineSubject(const std::string& kind)
        : address_(engine_address(kind))
        , proxy_([this] { return Peer::connect_unix(address_.substr(unix_scheme.size())); })
    {
    }

    std::optional<std::string> unavailable() const override
    {
        return address_.starts_with(unix_scheme) ? std::nullopt : std::optional{address_};
    }

    std::unique_ptr<service::Provider> make(boost::asio::any_io_executor reactor,
                                            boost::asio::thread_pool& blocking,
                                            const std::string& installation) override
    {
        service::Environment environment;
        environment.add("DOCKER_HOST", "tcp://127.0.0.1:" + std::to_string(proxy_.port()));
        environment.add("DOCKER_MEMORY_MB", "256");
        environment.add("DOCKER_USER_PROCESSES", "4096");
        auto settings = service::docker::DockerSettings::load(environment, "drukbox-conformance");
        settings.installation = installation;
        return service::docker::make_docker_provider(std::move(reactor), blocking, settings);
    }

    bool fail_create_at(std::size_t step) override
    {
        // Create, upload, start, inspect.
        if (step >= 4) {
            return false;
        }
        proxy_.arm(step, FaultingProxy::Fault::refuse);
        return true;
    }

    bool lose_the_answer() override
    {
        proxy_.arm(0, FaultingProxy::Fault::lose_answer);
        return true;
    }

    void heal() override { proxy_.heal(); }

private:
    std::string address_;
    FaultingProxy proxy_;
};

template <const char* kind>
std::unique_ptr<ConformanceSubject> make_engine_subject()
{
    return std::make_unique<EngineSubject>(kind);
}

constexpr char docker_kind[] = "docker";
constexpr char podman_kind[] = "podman";

INSTANTIATE_TEST_SUITE_P(Docker, ProviderConformance, testing::Values(make_engine_subject<docker_kind>));
INSTANTIATE_TEST_SUITE_P(Podman, ProviderConformance, testing::Values(make_engine_subject<podman_kind>));

} // namespace
} // namespace drukbox::test
