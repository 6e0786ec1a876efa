#include "keeper/remains.hpp"

#include "keeper/layout.hpp"
#include "posix/file.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

void kill_members(const std::string& cgroup)
{
    const std::string text = posix::read_file(AT_FDCWD, cgroup + "/cgroup.procs");
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        pid_t pid = 0;
        const auto [next, error] = std::from_chars(at, end, pid);
        // 0 stands for a process of another PID namespace, which cannot be named here.
        if (error == std::errc{} && pid > 0) {
            ::kill(pid, SIGKILL);
        }
        at = next + 1;
    }
}

} // namespace

bool try_remove_cgroups(const std::vector<std::string>& cgroups)
{
    bool removed = true;
    for (const std::string& cgroup : cgroups) {
        if (::rmdir(cgroup.c_str()) == 0 || errno == ENOENT) {
            continue;
        }
        if (errno != EBUSY) {
            throw posix::failure(cgroup);
        }
        kill_members(cgroup);
        removed = false;
    }
    return removed;
}

void remove_cgroups(const std::vector<std::string>& cgroups)
{
    // The kernel lets a cgroup go a moment after its last process: there is no event for it in version 1.
    constexpr int most_tries = 2000;
    for (int tries = 0; !try_remove_cgroups(cgroups); ++tries) {
        if (tries == most_tries) {
            errno = EBUSY;
            throw posix::failure("control groups");
        }
        ::poll(nullptr, 0, 1);
    }
}

void remove_directory(int parent, const std::string& name)
{
    try {
        posix::remove_contents(parent, name, lock_file);
        posix::remove_contents(parent, name);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory) {
            throw;
        }
    }
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        throw posix::failure(name);
    }
}

} // namespace drukbox::keeper
