#pragma once

#include "keeper/config.hpp"

namespace drukbox::keeper {

/// Shows the configuration's stage to bwrap: see stage_directory. Needs root; leaves nothing behind, since
/// all of it ends with the keeper and the sandbox.
void set_stage(const Config& config);

} // namespace drukbox::keeper
