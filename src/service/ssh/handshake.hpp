#pragma once

#include "posix/unique_fd.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

namespace drukbox::service::ssh {

/// The handshake did not get as far as the host key.
class HandshakeFailed : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Shakes hands as an SSH client on a connected socket, up to the server's host key, and hangs up:
/// `ssh-ed25519 AAAA…`. Only a key of `type` is accepted. Blocks, for `limit` at most. Reads no configuration
/// of the user. Throws HandshakeFailed.
[[nodiscard]] std::string read_host_key(posix::UniqueFd socket, std::string_view type,
                                        std::chrono::milliseconds limit);

} // namespace drukbox::service::ssh
