#pragma once

#include "service/base/redacted.hpp"
#include "service/environment/environment.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace drukbox::service::exoscale {

/// The exoscale provider's settings, each from the environment variable named beside it.
class ExoscaleSettings
{
public:
    ExoscaleSettings() = default;

    std::string api_key; ///< `EXOSCALE_API_KEY`.
    Redacted api_secret; ///< `EXOSCALE_API_SECRET`.
    std::string zone;    ///< `EXOSCALE_ZONE`.
    std::string api_url; ///< `EXOSCALE_API_URL`; `https://api-{zone}.exoscale.com/v2`.
    std::string default_image = "Linux Ubuntu 24.04 LTS 64-bit"; ///< `EXOSCALE_DEFAULT_IMAGE`, a template.
    std::string instance_type = "standard.medium";               ///< `EXOSCALE_INSTANCE_TYPE`.
    std::int64_t disk_gb = 50;                                   ///< `EXOSCALE_DISK_GB`.
    std::chrono::seconds api_timeout{30};                        ///< `EXOSCALE_API_TIMEOUT`, of one call.
    std::chrono::seconds ready_timeout{120}; ///< `EXOSCALE_BOOTSTRAP_SSH_TIMEOUT_SECONDS`.
    std::string ssh_username = "ubuntu";     ///< `EXOSCALE_SSH_USERNAME`.
    /// `EXOSCALE_SCAN_HOST_KEYS`: for templates without cloud-init, which take no host key from us: it is
    /// read from the machine at first contact.
    bool scan_host_keys = false;
    std::string service_label; ///< `SERVICE_LABEL`.
    std::string installation;  ///< The id that marks our machines; empty: no mark.

    std::chrono::milliseconds poll_interval{3'000};
    std::chrono::seconds boot_timeout{300}; ///< Until an instance runs and has its address.

    /// What is required and not set; empty: nothing.
    [[nodiscard]] std::string missing() const;

    /// Throws SettingError.
    [[nodiscard]] static ExoscaleSettings load(const Environment& environment, std::string service_label);
};

} // namespace drukbox::service::exoscale
