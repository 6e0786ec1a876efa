#pragma once

#include <drukbox/export.hpp>
#include <drukbox/litterbox/behaviour.hpp>
#include <drukbox/sandbox_config.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace drukbox::inline v0::litterbox {

/// Where a Litterbox service is and how to talk to it: the members are those of drukbox::SandboxConfig.
/// `base_url` is `https://host/litterbox` where a Drukbox service shows its hosts to Litterbox clients.
/// `timeout` begins as 300 seconds for Behaviour::blocking and as 30 seconds for Behaviour::polling.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class SandboxConfig : public drukbox::SandboxConfig
{
public:
    /// With no service and no token yet.
    explicit SandboxConfig(Behaviour behaviour = Behaviour::blocking)
        : behaviour_(behaviour)
    {
        timeout = default_timeout();
    }

    /// A service and its token, all else at its default.
    SandboxConfig(std::string service_url, std::string service_token,
                  Behaviour behaviour = Behaviour::blocking)
        : drukbox::SandboxConfig(std::move(service_url), std::move(service_token))
        , behaviour_(behaviour)
    {
        timeout = default_timeout();
    }

    /// Reads what drukbox::SandboxConfig::from_env() reads.
    ///
    /// Errors: SandboxUsageError, naming the variable that is missing, empty or malformed.
    /// Thread safety: as std::getenv.
    [[nodiscard]] DRUKBOX_API static SandboxConfig from_env(std::string_view prefix = "SANDBOX_",
                                                            Behaviour behaviour = Behaviour::blocking);

    /// How the service behaves.
    [[nodiscard]] Behaviour behaviour() const noexcept { return behaviour_; }

private:
    [[nodiscard]] std::chrono::milliseconds default_timeout() const noexcept
    {
        return std::chrono::seconds{behaviour_ == Behaviour::polling ? 30 : 300};
    }

    Behaviour behaviour_;
};

} // namespace drukbox::inline v0::litterbox
