#pragma once

#include "posix/unique_fd.hpp"
#include "service/providers/provider.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/un.h>

namespace drukbox::service::local {

/// The directory of one sandbox, opened; see keeper/layout.hpp for what is in it. Every function blocks.
class SandboxDirectory
{
public:
    /// Throws ProviderError for a name that is no plain file name.
    static void check_name(std::string_view name);

    /// Makes a new one, locked. Throws ProviderError when there is one of this name already, and
    /// std::system_error. It is removed with this object, unless release()d.
    [[nodiscard]] static SandboxDirectory create(const std::filesystem::path& sandboxes,
                                                 const std::string& name);

    SandboxDirectory(SandboxDirectory&&) noexcept = default;
    SandboxDirectory& operator=(SandboxDirectory&&) = delete;
    ~SandboxDirectory();

    [[nodiscard]] int get() const noexcept { return directory_.get(); }

    [[nodiscard]] int lock() const noexcept { return lock_.get(); }

    /// What remains is someone else's to remove from now on.
    void release() noexcept { name_.clear(); }

private:
    SandboxDirectory() = default;

    posix::UniqueFd parent_;
    posix::UniqueFd directory_;
    posix::UniqueFd lock_;
    std::string name_;
};

/// The directory of a sandbox that exists, or of which something remains, whoever made it.
class ExistingSandbox
{
public:
    /// Nothing when there is none. Throws ProviderError for a name that cannot be one's, and
    /// std::system_error.
    [[nodiscard]] static std::shared_ptr<const ExistingSandbox> open(const std::filesystem::path& sandboxes,
                                                                     const std::string& name);

    [[nodiscard]] int directory() const noexcept { return directory_.get(); }

    /// False as long as a keeper lives. Otherwise it is locked until the end of this object.
    [[nodiscard]] bool try_lock() const;

    /// Removes what remains, once it is locked. False when a process in its control groups has not ended yet:
    /// to be tried again in a moment.
    [[nodiscard]] bool try_remove() const;

private:
    ExistingSandbox() = default;

    posix::UniqueFd parent_;
    posix::UniqueFd directory_;
    posix::UniqueFd lock_;
    std::string name_;
};

/// Where the control socket of the sandbox with this directory is bound.
[[nodiscard]] sockaddr_un control_address(int directory);

/// All sandboxes that have a directory; those with a living keeper are running.
[[nodiscard]] std::vector<VmSummary> list_sandboxes(const std::filesystem::path& sandboxes);

} // namespace drukbox::service::local
