#include "service/providers/configuration.hpp"

#include "service/providers/aws/aws_provider.hpp"
#include "service/providers/docker/docker_provider.hpp"
#include "service/providers/exe/exe_provider.hpp"
#include "service/providers/exoscale/exoscale_provider.hpp"
#include "service/providers/hetzner/hetzner_provider.hpp"
#include "service/providers/local/local_provider.hpp"
#include "service/providers/sim/sim_provider.hpp"

#include <array>

namespace drukbox::service {
namespace {

constexpr std::array<ConfigureProvider, 7> doors{
    aws::configure,     docker::configure, exe::configure, exoscale::configure,
    hetzner::configure, local::configure,  sim::configure,
};

} // namespace

std::vector<ProviderMaker> configure_providers(const Environment& environment, const ProviderBasics& basics)
{
    std::vector<ProviderMaker> makers;
    for (const auto& configure : doors) {
        if (auto maker = configure(environment, basics)) {
            makers.push_back(std::move(*maker));
        }
    }
    return makers;
}

} // namespace drukbox::service
