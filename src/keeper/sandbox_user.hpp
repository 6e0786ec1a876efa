#pragma once

#include "keeper/config.hpp"
#include "posix/unique_fd.hpp"

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace drukbox::keeper {

/// Who everything of a sandbox runs as. The keeper's own user; a uid that root takes for it; or a subordinate
/// uid of the keeper's user (subuid(5)), which only somebody in a user namespace that maps it can become.
class SandboxUser
{
public:
    SandboxUser() = default;

    /// By the configuration, with `sources` put where that user finds them. Blocks. Throws
    /// std::runtime_error.
    [[nodiscard]] static SandboxUser make(const Config& config, std::vector<posix::UniqueFd>& sources);

    /// In a child, before anything else: this user, in `user_namespace` of its own (-1: as it is), and death
    /// with the keeper. Throws std::system_error.
    void become(int user_namespace, pid_t keeper) const;

private:
    /// Of a subordinate uid, nested in nothing but the keeper's own.
    [[nodiscard]] static SandboxUser subordinate(const Config& config, std::vector<posix::UniqueFd>& sources);

    std::uint32_t uid_ = 0; ///< And gid; 0: the keeper's own.
    posix::UniqueFd user_namespace_;
    posix::UniqueFd mount_namespace_;
};

/// In a child that stays who it is: death with the keeper, and a plain umask and signal mask.
void settle(pid_t keeper);

} // namespace drukbox::keeper
