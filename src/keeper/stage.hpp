#pragma once

#include "keeper/config.hpp"
#include "posix/unique_fd.hpp"

#include <vector>

namespace drukbox::keeper {

/// Shows the sources to bwrap: see stage_directory. Each descriptor is replaced by one of its place there. No
/// name is looked up on the way. Needs root; leaves nothing behind, since all of it ends with the keeper and
/// the sandbox.
void set_stage(const Config& config, std::vector<posix::UniqueFd>& sources);

} // namespace drukbox::keeper
