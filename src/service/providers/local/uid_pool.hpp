#pragma once

#include "posix/unique_fd.hpp"

#include <cstdint>
#include <string>

namespace drukbox::service::local {

/// A host uid that no other sandbox has, this service's or that of another who uses the directory: a lock on
/// its byte of one file there. Whoever holds the descriptor holds the uid, and a keeper does until it ends.
class UidClaim
{
public:
    UidClaim() = default;

    std::uint32_t uid = 0; ///< 0: the process's own.
    posix::UniqueFd lock;

    /// Claims one of `count` uids from `base` on. Throws ProviderError when all are taken.
    /// `directory` is the same for all who must not get the same.
    [[nodiscard]] static UidClaim take(std::uint32_t base, std::uint32_t count,
                                       const std::string& directory = "/run/drukbox");
};

} // namespace drukbox::service::local
