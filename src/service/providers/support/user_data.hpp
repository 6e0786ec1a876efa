#pragma once

#include "service/base/redacted.hpp"
#include "service/providers/provider.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// What a machine with cloud-init is told at its first boot.
class UserData
{
public:
    UserData() = default;

    Redacted host_key;           ///< Its SSH host key, OpenSSH PEM (ed25519); empty: it makes its own.
    std::string host_public_key; ///< Its public half.
    std::map<std::string, Redacted> env; ///< What every login shell and SSH session shows.
    std::string setup_script;            ///< Run once as root, with `env`; empty: none.

    [[nodiscard]] bool empty() const noexcept
    {
        return host_key.empty() && env.empty() && setup_script.empty();
    }
};

/// A `#cloud-config` document. The host key and the variables are there before the machine's SSH server
/// starts; the script runs after that.
[[nodiscard]] Redacted cloud_config(const UserData& data);

/// Base64 of any bytes, without line ends: what APIs want that cannot take a text as it is.
[[nodiscard]] std::string base64(const std::string& bytes);

/// What of a machine's order no failure may show.
[[nodiscard]] std::vector<Redacted> secrets_of(const VmSpec& spec);

/// Throws ProviderError, with the provider's name, when a variable's value holds a NUL, which no environment
/// can.
void refuse_nul(std::string_view provider, const std::map<std::string, Redacted>& env);

} // namespace drukbox::service
