#include "keeper/stage.hpp"

#include "keeper/layout.hpp"
#include "posix/file.hpp"

#include <climits>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

/// A mount of what the descriptor stands for, with what is mounted below it, that lies nowhere yet.
posix::UniqueFd detached_mount(const posix::UniqueFd& source)
{
    posix::UniqueFd mount{
        ::open_tree(source.get(), "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)};
    if (!mount) {
        throw posix::failure("mount of a source");
    }
    return mount;
}

posix::UniqueFd put_on_stage(const posix::UniqueFd& mount, const std::string& target)
{
    struct stat status{};
    if (::fstat(mount.get(), &status) != 0) {
        throw posix::failure(target);
    }
    if (S_ISDIR(status.st_mode)) {
        posix::make_directory(AT_FDCWD, target, 0755);
    } else {
        posix::write_file(AT_FDCWD, target, {}, 0644);
    }
    if (::move_mount(mount.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        throw posix::failure(target);
    }
    return posix::open_at(AT_FDCWD, target, O_PATH | O_NOFOLLOW);
}

/// slirp4netns runs as the sandbox's user; where /dev/net/tun is root's alone, it gets one of its own.
void provide_tun()
{
    const std::string node = std::string{stage_directory} + "/tun";
    if (::mknod(node.c_str(), S_IFCHR | 0666, ::makedev(10, 200)) != 0 || ::chmod(node.c_str(), 0666) != 0) {
        throw posix::failure(node);
    }
    if (::mount(node.c_str(), "/dev/net/tun", nullptr, MS_BIND, nullptr) != 0) {
        throw posix::failure("/dev/net/tun");
    }
}

/// What the descriptor stands for, by its name in this mount namespace.
posix::UniqueFd open_again(const posix::UniqueFd& source)
{
    std::array<char, PATH_MAX> name{};
    const std::string link = "/proc/self/fd/" + std::to_string(source.get());
    if (::readlink(link.c_str(), name.data(), name.size() - 1) < 0) {
        throw posix::failure(link);
    }
    posix::UniqueFd again = posix::open_at(AT_FDCWD, name.data(), O_PATH | O_NOFOLLOW);
    struct stat before{};
    struct stat now{};
    if (::fstat(source.get(), &before) != 0 || ::fstat(again.get(), &now) != 0) {
        throw posix::failure(name.data());
    }
    if (before.st_dev != now.st_dev || before.st_ino != now.st_ino) {
        errno = ESTALE;
        throw posix::failure(name.data());
    }
    return again;
}

void make_private_mount_namespace()
{
    if (::unshare(CLONE_NEWNS) != 0) {
        throw posix::failure("mount namespace");
    }
    // Mounts that the machine ends must not be held here, and nothing from here may reach the machine.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
        throw posix::failure("mount namespace");
    }
}

std::vector<posix::UniqueFd> fill_stage(const std::vector<posix::UniqueFd>& mounts)
{
    if (::mount("drukbox", stage_directory, "tmpfs", MS_NOSUID, "size=64k,mode=0755") != 0) {
        throw posix::failure(stage_directory);
    }
    std::vector<posix::UniqueFd> sources;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        sources.push_back(put_on_stage(mounts[i], staged(i)));
    }
    if (::mount(nullptr, stage_directory, nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
        throw posix::failure(stage_directory);
    }
    return sources;
}

} // namespace

std::string staged(std::size_t number)
{
    return std::string{stage_directory} + "/" + std::to_string(number);
}

void set_stage(const Config& config, std::vector<posix::UniqueFd>& sources)
{
    // While the descriptors are of this mount namespace: from another one they could not be mounted.
    for (posix::UniqueFd& source : sources) {
        source = detached_mount(source);
    }
    make_private_mount_namespace();
    sources = fill_stage(sources);
    if (!config.slirp4netns.empty()) {
        provide_tun();
    }
}

void set_stage_in_user_namespace(const std::vector<posix::UniqueFd>& sources,
                                 const std::function<void()>& change_user)
{
    // Nothing may be mounted before, and descriptors of the machine's mount namespace cannot be afterwards.
    make_private_mount_namespace();
    std::vector<posix::UniqueFd> mounts;
    for (const posix::UniqueFd& source : sources) {
        mounts.push_back(detached_mount(open_again(source)));
    }
    change_user();
    (void)fill_stage(mounts);
}

} // namespace drukbox::keeper
