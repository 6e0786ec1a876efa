#pragma once

#include "cli/ssh_command.hpp"

#include <drukbox/sandbox_host.hpp>

#include <filesystem>

namespace drukbox::cli {

class Session;

/// What ssh needs to log in to a host: its kept key, or the file given instead, and its known_hosts lines as
/// the service has them now. Throws Failure when the host is in no state to be logged in to, or when there is
/// no key.
[[nodiscard]] SshTarget prepare_login(const Session& session, const SandboxHost& host,
                                      const std::filesystem::path& identity = {});

} // namespace drukbox::cli
