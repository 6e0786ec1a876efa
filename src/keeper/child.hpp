#pragma once

#include "keeper/sandbox_user.hpp"

#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace drukbox::keeper {

/// A program for the keeper to run: in the sandbox's cgroup, as the sandbox's user, with a bare environment
/// and no descriptor but those listed. It dies with the keeper.
class Child
{
public:
    explicit Child(const SandboxUser& who)
        : user(who)
    {
    }

    const SandboxUser& user;
    std::vector<std::string> command;
    std::vector<std::pair<int, int>> descriptors; ///< Ours, and the number it gets; ascending from 0.
    std::vector<std::string> cgroups;
    bool yields = false;     ///< Has the lowest priority.
    int user_namespace = -1; ///< To run in, where the user owns it.

    /// Throws std::system_error. A program that cannot be executed says so on its descriptor 2 and exits with
    /// 127.
    [[nodiscard]] pid_t start() const;
};

} // namespace drukbox::keeper
