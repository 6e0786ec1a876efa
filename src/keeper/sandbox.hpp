#pragma once

#include "keeper/config.hpp"
#include "keeper/sandbox_user.hpp"
#include "posix/unique_fd.hpp"

#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace drukbox::keeper {

/// bwrap, what runs below it, and slirp4netns: this keeper's only children. The keeper is their subreaper,
/// so that the last process of the sandbox has ended when it has no child left.
class Sandbox
{
public:
    /// `sources` is what bwrap binds by descriptor, in its order.
    Sandbox(const Config& config, const SandboxUser& user, std::vector<posix::UniqueFd> sources)
        : config_(config)
        , user_(user)
        , sources_(std::move(sources))
    {
    }

    /// Starts bwrap, and lets go of the sources. Throws when it cannot even be started.
    void start();

    /// Takes one byte when the acceptor is up; none of it remains inside afterwards.
    [[nodiscard]] int started() const noexcept { return started_.get(); }

    /// Called once the acceptor is up: finishes what bwrap cannot do, and brings the network up where there
    /// is to be one. Nothing hostile runs before the first connection is handed over.
    void acceptor_is_up();

    /// The socket that hands connections to the acceptor. Nothing is ever received from it.
    [[nodiscard]] int channel() const noexcept { return channel_.get(); }

    /// Reads the byte that started() is readable for; false when there is none, because bwrap failed.
    [[nodiscard]] bool take_started_byte();

    /// Collects the children that have ended. True when bwrap is among them.
    bool reap();

    [[nodiscard]] bool all_gone() const noexcept { return no_child_left_; }

    /// To be repeated until all_gone(): what was a grandchild becomes a child.
    void kill() const;

    /// What bwrap had to say.
    [[nodiscard]] std::string complaint();

private:
    void learn_init();

    const Config& config_;
    const SandboxUser& user_;
    std::vector<posix::UniqueFd> sources_;
    posix::UniqueFd channel_;
    posix::UniqueFd started_;
    posix::UniqueFd info_;
    posix::UniqueFd errors_;
    posix::UniqueFd init_; // a pidfd of the sandbox's PID 1
    pid_t init_pid_ = -1;
    pid_t bwrap_ = -1;
    bool no_child_left_ = false;
};

} // namespace drukbox::keeper
