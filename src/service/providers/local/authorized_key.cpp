#include "service/providers/local/authorized_key.hpp"

#include "keeper/layout.hpp"
#include "posix/file.hpp"
#include "service/providers/local/sandbox_directory.hpp"

#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

namespace drukbox::service::local {

void replace_authorized_key(const std::filesystem::path& sandboxes, const std::string& name,
                            const std::string& authorized_key)
{
    SandboxDirectory::check_name(name);
    posix::UniqueFd directory;
    try {
        directory = posix::open_at(AT_FDCWD, sandboxes / name / keeper::etc_directory / "drukbox/ssh",
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::no_such_file_or_directory) {
            throw VmNotFound(name);
        }
        throw;
    }
    constexpr const char* draft = "authorized_keys.new";
    ::unlinkat(directory.get(), draft, 0);
    posix::write_file(directory.get(), draft, authorized_key + "\n", 0644);
    if (::renameat(directory.get(), draft, directory.get(), "authorized_keys") != 0) {
        throw posix::failure("authorized_keys");
    }
}

} // namespace drukbox::service::local
