#pragma once

#include <cstdint>
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
    Child() = default;

    std::vector<std::string> command;
    std::vector<std::pair<int, int>> descriptors; ///< Ours, and the number it gets; ascending from 0.
    std::vector<std::string> cgroups;
    bool yields = false;     ///< Has the lowest priority.
    std::uint32_t uid = 0;   ///< 0: the keeper's own.
    int user_namespace = -1; ///< To run in, where the user owns it.

    /// Throws std::system_error. A program that cannot be executed says so on its descriptor 2 and exits with
    /// 127.
    [[nodiscard]] pid_t start() const;
};

/// In a child, before anything else: the sandbox's user instead of root, in a user namespace of it (-1: as it
/// is), and death with the keeper.
void become(std::uint32_t uid, int user_namespace, pid_t keeper);

} // namespace drukbox::keeper
