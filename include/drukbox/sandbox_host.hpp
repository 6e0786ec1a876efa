#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace drukbox::inline v0 {

/// A sandbox host as the service described it at one moment. The members are named as on the wire.
///
/// What goes on to a shell or to ssh has been checked: a service that sends something else in its place is a
/// SandboxResponseError that names the member. An id is at most 64 visible ASCII characters, without slashes
/// and with neither `-` nor `.` in front. A name is made of labels of `[a-z0-9]`, with `-` inside, joined by
/// `.`, and is neither an address nor a `localhost`. Addresses are names of DNS, or IPv4 or IPv6 addresses,
/// with a port that is not 0; a user name is of `[A-Za-z0-9_.+@-]`, no `-` in front. `known_hosts` and
/// `private_key` are lines of printable ASCII. The other texts are the service's own: neutralise control
/// characters before they are shown.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class SandboxHost
{
public:
    /// A host without an id.
    SandboxHost() = default;

    std::string id;                               ///< UUID.
    std::string name;                             ///< `sb-` and 12 hex digits; a provider may return its own.
    std::string status;                           ///< `provisioning`, `creating_network`, `creating_vm`,
                                                  ///< `bootstrapping`, `active` or `error`.
    std::string provider;                         ///< Which provider backs it.
    std::string image;                            ///< The effective image.
    std::optional<std::string> instance_type;     ///< The size asked for; none: the provider's default.
    std::optional<std::int64_t> disk_gb;          ///< The root disk asked for; none: the provider's default.
    std::string external_ssh_host;                ///< Public address; empty where there is none.
    std::uint16_t external_ssh_port = 22;         ///< Port that goes with it.
    std::string ssh_username;                     ///< User to log in as; empty in early states.
    std::optional<std::string> internal_ssh_host; ///< Name on the tailnet; always port 22.
    std::string known_hosts;                      ///< Host-key lines in known_hosts format, for the addresses
                                                  ///< of this host; others that were sent are left out.
    std::optional<std::string> tailscale_device_id; ///< Its device on the tailnet, once it has joined.
    std::optional<std::string> private_key;         ///< OpenSSH PEM; only in the answer to a create.
    std::string last_error;                         ///< Empty, or `{ErrorType}: {message}`.
    std::string created_at;                         ///< RFC 3339.
    std::string updated_at;                         ///< RFC 3339.
    std::optional<std::string> activated_at;        ///< RFC 3339.
    std::optional<std::string> expires_at;          ///< RFC 3339; none: permanent.

    /// Whether all members are equal.
    friend bool operator==(const SandboxHost&, const SandboxHost&) = default;
};

} // namespace drukbox::inline v0
