#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace drukbox::inline v0::litterbox {

/// A sandbox host as a Litterbox service described it at one moment. The members are named as on the wire,
/// and checked as those of drukbox::SandboxHost.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class SandboxHost
{
public:
    /// An empty record.
    SandboxHost() = default;

    std::string id;                                 ///< UUID.
    std::string name;                               ///< What it is called at its provider.
    std::string status;                             ///< `provisioning` and the like, `active` or `error`.
    std::string provider;                           ///< Which provider backs it.
    std::string image;                              ///< The effective image.
    std::string ssh_host;                           ///< Where SSH answers; empty in early states.
    std::uint16_t ssh_port = 22;                    ///< Port that goes with it.
    std::string known_hosts;                        ///< Host-key lines in known_hosts format.
    std::optional<std::string> tailscale_device_id; ///< Its device on the tailnet, once it has joined.
    std::optional<bool> announce_token_used;        ///< Only in the record of 0.0.1.
    std::string last_error;                         ///< Empty, or what went wrong.
    std::string created_at;                         ///< RFC 3339.
    std::string updated_at;                         ///< RFC 3339.
    std::optional<std::string> announced_at;        ///< RFC 3339; only in the record of 0.0.1.
    std::optional<std::string> activated_at;        ///< RFC 3339.
    std::optional<std::string> expires_at;          ///< RFC 3339; none: permanent.

    /// Whether all members are equal.
    friend bool operator==(const SandboxHost&, const SandboxHost&) = default;
};

} // namespace drukbox::inline v0::litterbox
