#pragma once

#include <string>
#include <vector>

namespace drukbox::service::local {

/// What a sandbox's root is made of: this machine's `/usr`, or a directory with a root file system.
class Image
{
public:
    /// One name in the sandbox's root directory.
    class Entry
    {
    public:
        Entry() = default;

        std::string name;
        std::string link; ///< Where a symbolic link leads; empty: the name is bound.
    };

    Image() = default;

    bool host = true;
    std::string root = "/"; ///< On this machine, absolute.
    std::vector<Entry> entries;
    bool has_var_tmp = true;               ///< The place for a tmpfs on /var/tmp exists or can be made.
    bool borrows_sshd = false;             ///< This machine's /usr is bound below /.host for its sshd.
    std::vector<std::string> sshd_command; ///< As it is called inside, without arguments.

    /// `host` or an absolute path. Throws ProviderError when it is no root file system.
    [[nodiscard]] static Image inspect(const std::string& image);
};

} // namespace drukbox::service::local
