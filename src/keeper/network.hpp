#pragma once

#include "keeper/config.hpp"
#include "keeper/sandbox_user.hpp"

#include <sys/types.h>

namespace drukbox::keeper {

/// Gives the network namespace of the sandbox whose first process is `init` a way out, and returns when it
/// works: slirp4netns, as the sandbox's user, with the host's loopback off. Link-local addresses, where
/// clouds keep their metadata, get `unreachable` routes first, which nothing inside has the capability to
/// remove. Returns the process to end together with the sandbox.
void start_network(const Config& config, const SandboxUser& user, pid_t init);

} // namespace drukbox::keeper
