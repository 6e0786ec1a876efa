#pragma once

#include "keeper/config.hpp"
#include "posix/unique_fd.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace drukbox::keeper {

/// Where a source of this number is to be found on the stage.
[[nodiscard]] std::string staged(std::size_t number);

/// For a keeper that runs as root, and in its own process: a mount namespace of its own with the stage in it,
/// see stage_directory. From then on `sources` are what lies there. Throws std::system_error.
void set_stage(const Config& config, std::vector<posix::UniqueFd>& sources);

/// The same in a user namespace of this process, which has every capability in it: as the user that may see
/// the sources first, and then, after `change_user`, as the one that bwrap runs as. What a source's name
/// leads to must still be what was opened. Throws std::system_error.
void set_stage_in_user_namespace(const std::vector<posix::UniqueFd>& sources,
                                 const std::function<void()>& change_user);

} // namespace drukbox::keeper
