#include "keeper/mounts.hpp"

#include "keeper/counters.hpp"
#include "keeper/inside.hpp"
#include "keeper/layout.hpp"
#include "posix/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

/// Of /proc, beside processes and links. Everything else is covered, whatever a kernel to come puts there:
/// docs/security.md says why these stay.
constexpr std::array<std::string_view, 9> shown{"cpuinfo", "filesystems", "loadavg", "meminfo", "stat",
                                                "sys",     "sysvipc",     "uptime",  "version"};

/// Counters of the whole machine in what is shown.
constexpr std::array covered_counters{"sys/fs/aio-nr",   "sys/fs/dentry-state", "sys/fs/file-nr",
                                      "sys/fs/inode-nr", "sys/fs/inode-state",  "sys/kernel/pty/nr"};

void cover(const std::string& path, const char* with)
{
    // As read-only as its source is. What this kernel does not have needs no cover.
    if (::mount(with, path.c_str(), nullptr, MS_BIND, nullptr) != 0 && errno != ENOENT) {
        throw posix::failure(path);
    }
}

void cover_proc()
{
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{::opendir("/proc"), &::closedir};
    if (!entries) {
        throw posix::failure("/proc");
    }
    while (const dirent* entry = ::readdir(entries.get())) {
        const std::string name = entry->d_name;
        const bool process = name.find_first_not_of("0123456789") == std::string::npos;
        if (process || name == "." || name == ".." || entry->d_type == DT_LNK ||
            std::find(shown.begin(), shown.end(), name) != shown.end()) {
            continue;
        }
        cover("/proc/" + name, entry->d_type == DT_DIR ? empty_directory : empty_file);
    }
    for (const char* const counter : covered_counters) {
        cover(std::string{"/proc/"} + counter, empty_file);
    }
}

void remount(const std::string& path, const std::string& options)
{
    struct statvfs status{};
    if (::statvfs(path.c_str(), &status) != 0) {
        throw posix::failure(path);
    }
    const unsigned long flags = status.f_flag & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
    if (::mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | flags, options.c_str()) != 0) {
        throw posix::failure(path);
    }
}

} // namespace

void finish_mounts(const Config& config, const SandboxUser& user, pid_t init)
{
    const InnerNamespace space{init, "mnt", CLONE_NEWNS};
    // As root every sandbox has a uid of its own on the machine, which all is counted by.
    const bool counted_as_ours = ::geteuid() != 0;
    space.run(user, "cannot finish the sandbox's mounts", [&] {
        if (counted_as_ours) {
            limit_counters();
        }
        space.enter();
        for (const auto& [path, options] : config.remounts) {
            remount(path, options);
        }
        cover_proc();
    });
}

} // namespace drukbox::keeper
