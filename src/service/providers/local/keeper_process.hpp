#pragma once

#include "posix/unique_fd.hpp"
#include "service/providers/local/sandbox_directory.hpp"
#include "service/providers/local/uid_pool.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace drukbox::service::local {

/// A keeper that was just started.
class KeeperProcess
{
public:
    KeeperProcess() = default;

    posix::UniqueFd process; ///< A pidfd; its owner reaps it.
    posix::UniqueFd ready;   ///< Brings one line, see keeper/layout.hpp; not blocking.

    /// Starts a keeper in the sandbox's directory, with no descriptor but those it is meant to have,
    /// `sources` the last of them, in a session of its own: it outlives this process. Blocks until it is
    /// executed. Throws std::system_error.
    [[nodiscard]] static KeeperProcess start(const std::string& program, const SandboxDirectory& directory,
                                             const std::string& name, const UidClaim& uid,
                                             const std::vector<int>& sources);
};

/// Runs a command with nothing on its standard input; returns its exit code, -1 when it did not end in time,
/// and the beginning of what it wrote. Blocks.
class Outcome
{
public:
    Outcome() = default;

    int exit_code = -1;
    std::string output;

    [[nodiscard]] static Outcome of(const std::vector<std::string>& command,
                                    std::chrono::milliseconds patience);
};

} // namespace drukbox::service::local
