#pragma once

#include "keeper/sandbox_user.hpp"
#include "posix/unique_fd.hpp"

#include <functional>
#include <string>

#include <sys/types.h>

namespace drukbox::keeper {

/// A namespace of the sandbox, with the user namespace that owns it: whoever is in there as the sandbox's
/// user has every capability over it. Not the first process's own user namespace: `bwrap --disable-userns`
/// goes on to a nested one.
class InnerNamespace
{
public:
    /// `kind` is a name below /proc/PID/ns, `flag` its CLONE_NEW… Throws std::system_error.
    InnerNamespace(pid_t init, const std::string& kind, int flag);

    [[nodiscard]] int get() const noexcept { return space_.get(); }

    [[nodiscard]] int owner() const noexcept { return owner_.get(); }

    /// Runs `task` in a child that is in the user namespace, as `user`. A std::system_error of it, or its end
    /// otherwise, becomes one here that says `complaint`.
    void run(const SandboxUser& user, const std::string& complaint, const std::function<void()>& task) const;

    /// For a task: into the namespace itself.
    void enter() const;

private:
    posix::UniqueFd space_;
    posix::UniqueFd owner_;
    int flag_;
};

} // namespace drukbox::keeper
