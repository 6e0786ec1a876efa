#include "sdk/config_check.hpp"
#include "sdk/operation.hpp"

#include <drukbox/litterbox/sandbox_api.hpp>

#include <memory>

namespace drukbox::inline v0::litterbox {
namespace {

std::shared_ptr<detail::Core> core_for(const SandboxConfig& config)
{
    const auto dialect = config.behaviour() == Behaviour::polling ? sdk::Dialect::litterbox_polling
                                                                  : sdk::Dialect::litterbox_blocking;
    return std::make_shared<detail::Core>(sdk::checked(config), dialect);
}

} // namespace

SandboxAPI::SandboxAPI(const SandboxConfig& config)
    : api_(core_for(config))
{
}

SandboxAPI::SandboxAPI(std::string base_url, std::string token, Behaviour behaviour)
    : SandboxAPI(SandboxConfig{std::move(base_url), std::move(token), behaviour})
{
}

SandboxAPI SandboxAPI::from_env(std::string_view prefix, Behaviour behaviour)
{
    return SandboxAPI{SandboxConfig::from_env(prefix, behaviour)};
}

SandboxAPI SandboxAPI::with_timeout(std::chrono::milliseconds timeout) const
{
    return SandboxAPI{api_.with_timeout(timeout)};
}

} // namespace drukbox::inline v0::litterbox
