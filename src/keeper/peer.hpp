#pragma once

#include "posix/unique_fd.hpp"

#include <cstdint>

namespace drukbox::keeper {

/// Who is at the other end of a TCP connection from this machine to itself: the kernel's sock_diag knows the
/// user whose socket that is.
class PeerLookup
{
public:
    /// Everybody whose uid nobody knows: one who has closed its socket already, or all where the kernel has
    /// no sock_diag.
    static constexpr std::int64_t unknown = -1;

    PeerLookup();

    /// The uid of the peer of this connection, or `unknown`.
    [[nodiscard]] std::int64_t uid_of(int connection) const;

private:
    posix::UniqueFd netlink_;
};

} // namespace drukbox::keeper
