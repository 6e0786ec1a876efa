#pragma once

#include "service/base/redacted.hpp"
#include "service/environment/environment.hpp"

#include <chrono>
#include <string>

namespace drukbox::service::exe {

/// The exe provider's settings, each from the environment variable named beside it.
class ExeSettings
{
public:
    ExeSettings() = default;

    Redacted api_token;                      ///< `EXE_API_TOKEN`.
    std::string api_url = "https://exe.dev"; ///< `EXE_API_URL`.
    std::string default_image;               ///< `EXE_DEFAULT_IMAGE`.
    std::chrono::seconds api_timeout{30};    ///< `EXE_API_TIMEOUT`, of one command.
    std::chrono::seconds ready_timeout{30};  ///< `EXE_BOOTSTRAP_SSH_TIMEOUT_SECONDS`.
    std::string ssh_username = "exedev";     ///< `EXE_SSH_USERNAME`.
    std::string service_label;               ///< `SERVICE_LABEL`.
    std::string installation;                ///< The id that marks our machines; empty: no mark.

    /// What is required and not set; empty: nothing.
    [[nodiscard]] std::string missing() const;

    /// Throws SettingError.
    [[nodiscard]] static ExeSettings load(const Environment& environment, std::string service_label);
};

} // namespace drukbox::service::exe
