#include "keeper/stage.hpp"

#include "keeper/layout.hpp"
#include "posix/file.hpp"
#include "posix/unique_fd.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace drukbox::keeper {
namespace {

void bind(int source, const std::string& target)
{
    const std::string path = "/proc/self/fd/" + std::to_string(source);
    if (::mount(path.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
        throw posix::failure(target);
}

/// slirp4netns runs as the sandbox's user; where /dev/net/tun is root's alone, it gets one of its own.
void provide_tun()
{
    const std::string node = std::string{stage_directory} + "/tun";
    if (::mknod(node.c_str(), S_IFCHR | 0666, ::makedev(10, 200)) != 0 || ::chmod(node.c_str(), 0666) != 0)
        throw posix::failure(node);
    if (::mount(node.c_str(), "/dev/net/tun", nullptr, MS_BIND, nullptr) != 0)
        throw posix::failure("/dev/net/tun");
}

} // namespace

void set_stage(const Config& config)
{
    if (::unshare(CLONE_NEWNS) != 0)
        throw posix::failure("mount namespace");
    // Mounts that the machine ends must not be held here, and nothing from here may reach the machine.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
        throw posix::failure("mount namespace");

    // Opened before the stage covers what may lie below it.
    std::vector<std::pair<std::string, posix::UniqueFd>> sources;
    for (const auto& [name, source] : config.stage)
        sources.emplace_back(name, posix::open_at(AT_FDCWD, source, O_PATH));
    if (::mount("drukbox", stage_directory, "tmpfs", MS_NOSUID, "size=64k,mode=0755") != 0)
        throw posix::failure(stage_directory);
    for (const auto& [name, source] : sources) {
        const std::string target = std::string{stage_directory} + "/" + name;
        struct stat status{};
        if (::fstat(source.get(), &status) != 0)
            throw posix::failure(name);
        if (S_ISDIR(status.st_mode))
            posix::make_directory(AT_FDCWD, target, 0755);
        else
            posix::write_file(AT_FDCWD, target, {}, 0644);
        bind(source.get(), target);
    }
    if (!config.slirp4netns.empty())
        provide_tun();
}

} // namespace drukbox::keeper
