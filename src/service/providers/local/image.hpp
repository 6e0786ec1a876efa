#pragma once

#include "posix/unique_fd.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::local {

/// What a sandbox's root is made of: this machine's `/usr`, or a directory with a root file system. What lies
/// in such a directory is hostile and may change at any moment: each thing in it is opened once, beneath the
/// descriptor of its root and through no link, and what was opened is what the sandbox gets.
class Image
{
public:
    /// One name in the sandbox's root directory.
    class Entry
    {
    public:
        Entry() = default;

        std::string name;
        std::string link;          ///< Where a symbolic link leads: it is made anew, and leads there inside.
        posix::UniqueFd directory; ///< Otherwise, what is bound (of an image).
    };

    /// An entry of the image's /etc.
    class EtcEntry
    {
    public:
        EtcEntry() = default;

        std::string name;
        std::string link; ///< Where a symbolic link leads; empty for anything else.
    };

    Image() = default;

    bool host = true;
    std::vector<Entry> entries;
    Entry etc;                             ///< The image's own, which the sandbox has under another name.
    std::vector<EtcEntry> etc_entries;     ///< What is in it.
    bool has_var_tmp = true;               ///< The place for a tmpfs on /var/tmp exists or can be made.
    bool borrows_sshd = false;             ///< This machine's /usr is bound below /.host for its sshd.
    std::vector<std::string> sshd_command; ///< As it is called inside, without arguments.

    /// `host`, or an absolute path in one of `directories` or of one of them; the path itself may lead
    /// through links. Throws ProviderError when it is none, the same whether the path exists, and when it is
    /// no root file system.
    [[nodiscard]] static Image open(const std::string& name,
                                    const std::vector<std::filesystem::path>& directories);
};

} // namespace drukbox::service::local
