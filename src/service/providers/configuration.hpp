#pragma once

#include "service/environment/environment.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// What the service's own settings tell every provider.
class ProviderBasics
{
public:
    ProviderBasics() = default;

    std::filesystem::path state_dir;
    std::string service_label;
    std::string default_provider;
    bool tailscale_enabled = false; ///< Every machine joins the tailnet: see VmSpec::setup_script.
};

/// Makes a provider from settings that were checked before. Its coroutines run on the executor, a single
/// thread; what blocks runs on the thread pool. The text is the id of this installation, which marks every
/// machine: see support/installation_mark.hpp.
using ProviderMaker = std::function<std::unique_ptr<Provider>(boost::asio::any_io_executor,
                                                              boost::asio::thread_pool&, const std::string&)>;

/// A provider's door: reads its settings, and tells how to make it. Nothing when the settings do not ask for
/// this provider: it is neither the default nor named by a setting of its own. Throws SettingError for a
/// malformed setting; what is only missing makes an unconfigured provider.
using ConfigureProvider = std::optional<ProviderMaker> (*)(const Environment&, const ProviderBasics&);

/// The providers that the settings ask for. Throws SettingError.
[[nodiscard]] std::vector<ProviderMaker> configure_providers(const Environment& environment,
                                                             const ProviderBasics& basics);

/// Makes a provider that lacks a credential or a program: it warns at the start, fails its check in /doctor,
/// and refuses every call with `reason`, which names what is missing.
[[nodiscard]] ProviderMaker unconfigured_provider(std::string name, Capabilities capabilities,
                                                  std::string default_image, std::string reason);

} // namespace drukbox::service
