#pragma once

#include "keeper/config.hpp"

#include <sys/types.h>

namespace drukbox::keeper {

/// What bwrap cannot say of the sandbox's mounts: the options of the configuration's `remounts`, and an empty
/// file or directory over each entry of /proc that tells of the machine and its other users. To be called
/// before anything hostile runs inside. Throws std::system_error.
void finish_mounts(const Config& config, pid_t init);

} // namespace drukbox::keeper
