#include "service/providers/local/local_provider.hpp"
#include "service/providers/sim/sim_provider.hpp"
#include "service/service.hpp"

#include <filesystem>

namespace drukbox::service {
namespace {

/// Where the keeper and the guest lie: beside this program in a build, in libexec when installed.
std::filesystem::path program_dir()
{
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    return std::filesystem::exists(here / "drukbox-keeper") ? here
                                                            : here.parent_path() / "libexec" / "drukbox";
}

} // namespace

ProviderRegistry make_providers(boost::asio::io_context& reactor, boost::asio::thread_pool& blocking,
                                const Settings& settings)
{
    auto local = settings.local;
    local.program_dir = program_dir();
    ProviderRegistry registry;
    registry.add(local::make_local_provider(reactor.get_executor(), blocking, std::move(local)));
    if (settings.sim.enabled) {
        registry.add(sim::make_sim_provider(reactor.get_executor(), blocking, settings.sim));
    }
    return registry;
}

} // namespace drukbox::service
