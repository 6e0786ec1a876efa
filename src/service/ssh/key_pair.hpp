#pragma once

#include "service/base/redacted.hpp"

#include <string>

namespace drukbox::service::ssh {

/// An ed25519 key pair.
class KeyPair
{
public:
    KeyPair() = default;

    Redacted private_key;   ///< OpenSSH PEM, not encrypted.
    std::string public_key; ///< `ssh-ed25519 AAAA…`, without a comment.

    /// Makes a new one. Blocks for well under a millisecond. Throws std::runtime_error.
    [[nodiscard]] static KeyPair generate();
};

} // namespace drukbox::service::ssh
