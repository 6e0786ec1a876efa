#pragma once

#include "service/base/redacted.hpp"
#include "service/environment/environment.hpp"

#include <chrono>
#include <string>

namespace drukbox::service::hetzner {

/// The hetzner provider's settings, each from the environment variable named beside it.
class HetznerSettings
{
public:
    HetznerSettings() = default;

    Redacted api_token;                                   ///< `HETZNER_API_TOKEN`.
    std::string api_url = "https://api.hetzner.cloud/v1"; ///< `HETZNER_API_URL`.
    std::string location;                                 ///< `HETZNER_LOCATION`.
    std::string default_image = "ubuntu-24.04";           ///< `HETZNER_DEFAULT_IMAGE`.
    std::string server_type = "cx23";                     ///< `HETZNER_SERVER_TYPE`.
    std::chrono::seconds api_timeout{30};                 ///< `HETZNER_API_TIMEOUT`, of one call.
    std::chrono::seconds ready_timeout{120};              ///< `HETZNER_BOOTSTRAP_SSH_TIMEOUT_SECONDS`.
    std::string ssh_username = "root";                    ///< `HETZNER_SSH_USERNAME`.
    /// `HETZNER_SCAN_HOST_KEYS`: for images without cloud-init, which take no host key from us: it is read
    /// from the machine at first contact.
    bool scan_host_keys = false;
    std::string service_label; ///< `SERVICE_LABEL`.
    std::string installation;  ///< The id that marks our machines; empty: no mark.

    std::chrono::milliseconds poll_interval{3'000};
    std::chrono::seconds boot_timeout{300}; ///< Until a server runs and has its address.

    /// What is required and not set; empty: nothing.
    [[nodiscard]] std::string missing() const;

    /// Throws SettingError.
    [[nodiscard]] static HetznerSettings load(const Environment& environment, std::string service_label);
};

} // namespace drukbox::service::hetzner
