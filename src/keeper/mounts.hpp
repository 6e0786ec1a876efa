#pragma once

#include "keeper/config.hpp"
#include "keeper/sandbox_user.hpp"

#include <sys/types.h>

namespace drukbox::keeper {

/// What bwrap cannot say of the sandbox's mounts: the options of the configuration's `remounts`, and an empty
/// file or directory over each entry of /proc that tells of the machine and its other users. To be called
/// before anything hostile runs inside; limit_counters() is called on the way. Throws std::system_error.
void finish_mounts(const Config& config, const SandboxUser& user, pid_t init);

} // namespace drukbox::keeper
