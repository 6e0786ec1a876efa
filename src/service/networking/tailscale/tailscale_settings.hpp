#pragma once

#include "service/base/redacted.hpp"
#include "service/environment/environment.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service::tailscale {

/// What is needed to bring machines onto a tailnet, each from the environment variable named beside it.
class TailscaleSettings
{
public:
    TailscaleSettings() = default;

    std::string api_url = "https://api.tailscale.com"; ///< `TAILSCALE_API_URL`.
    std::string tailnet;                  ///< `TAILSCALE_TAILNET`: required; the machines' MagicDNS domain.
    std::vector<std::string> auth_tags;   ///< `TAILSCALE_AUTH_TAGS`: required; comma separated, `tag:…`.
    std::string oauth_client_id;          ///< `TAILSCALE_OAUTH_CLIENT_ID`: required.
    Redacted oauth_client_secret;         ///< `TAILSCALE_OAUTH_CLIENT_SECRET`: required.
    std::chrono::seconds api_timeout{30}; ///< `TAILSCALE_API_TIMEOUT`.
    std::chrono::seconds discovery_timeout{180}; ///< `DEVICE_DISCOVERY_TIMEOUT_SECONDS`.
    std::chrono::milliseconds poll_interval{2'000};
    std::chrono::milliseconds ssh_timeout{30'000}; ///< For SSH on the tailnet, once the machine has joined.

    /// Nothing unless `TAILSCALE_ENABLED`. Throws SettingError for what is missing or malformed then.
    [[nodiscard]] static std::optional<TailscaleSettings> load(const Environment& environment);
};

} // namespace drukbox::service::tailscale
