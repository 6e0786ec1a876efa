#include "service/providers/local/sandbox_directory.hpp"

#include "keeper/config.hpp"
#include "keeper/layout.hpp"
#include "keeper/remains.hpp"
#include "posix/file.hpp"
#include "service/providers/provider.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

using posix::UniqueFd;

UniqueFd try_open(int at, const std::string& path, int flags)
{
    UniqueFd fd{::openat(at, path.c_str(), flags | O_CLOEXEC)};
    if (!fd && errno != ENOENT) {
        throw posix::failure(path);
    }
    return fd;
}

bool try_lock(int lock)
{
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (errno != EWOULDBLOCK) {
        throw posix::failure(keeper::lock_file);
    }
    return false;
}

/// A lock that is held for a moment, and worth waiting for.
class PassingLock
{
public:
    PassingLock(int fd, int kind)
        : fd_(fd)
    {
        while (::flock(fd_, kind) != 0) {
            if (errno != EINTR) {
                throw posix::failure("lock");
            }
        }
    }

    PassingLock(const PassingLock&) = delete;
    PassingLock& operator=(const PassingLock&) = delete;

    ~PassingLock() { ::flock(fd_, LOCK_UN); }

private:
    int fd_;
};

/// The control groups of a sandbox with this directory.
std::vector<std::string> cgroups_of(int directory)
{
    try {
        return keeper::Config::parse(posix::read_file(directory, keeper::config_file)).cgroups;
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory) {
            throw;
        }
    } catch (const std::runtime_error&) {
        // Half written: the service died, and the groups would have been made after it.
    }
    return {};
}

} // namespace

sockaddr_un control_address(int directory)
{
    // By the descriptor: a socket's address has room for 107 bytes only.
    const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + keeper::control_socket;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return address;
}

void SandboxDirectory::check_name(std::string_view name)
{
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    if (name.empty() || name.size() > 63 || name.front() == '-' ||
        !std::all_of(name.begin(), name.end(), plain)) {
        throw ProviderError("not a sandbox name");
    }
}

SandboxDirectory SandboxDirectory::create(const std::filesystem::path& sandboxes, const std::string& name)
{
    check_name(name);
    SandboxDirectory made;
    made.parent_ = posix::open_at(AT_FDCWD, sandboxes, O_RDONLY | O_DIRECTORY);
    // Between these two steps it looks like the remains of one.
    const PassingLock newcomer{made.parent_.get(), LOCK_SH};
    if (::mkdirat(made.parent_.get(), name.c_str(), 0700) != 0) {
        if (errno == EEXIST) {
            throw ProviderError("a sandbox named " + name + " exists already");
        }
        throw posix::failure(name);
    }
    made.name_ = name;
    made.directory_ = posix::open_at(made.parent_.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    made.lock_ = posix::open_at(made.directory_.get(), keeper::lock_file, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!try_lock(made.lock_.get())) {
        throw ProviderError("a sandbox named " + name + " is being removed");
    }
    return made;
}

SandboxDirectory::~SandboxDirectory()
{
    if (name_.empty()) {
        return;
    }
    try {
        keeper::remove_cgroups(cgroups_of(directory_.get()));
        keeper::remove_directory(parent_.get(), name_);
    } catch (const std::exception&) {
        // list_sandboxes() will name what could not be removed, and whoever removes it tries again.
    }
}

std::vector<VmSummary> list_sandboxes(const std::filesystem::path& sandboxes)
{
    std::vector<VmSummary> list;
    const UniqueFd parent = try_open(AT_FDCWD, sandboxes, O_RDONLY | O_DIRECTORY);
    if (!parent) {
        return list; // nothing was ever created
    }
    const PassingLock no_newcomers{parent.get(), LOCK_EX};
    for (const auto& entry : std::filesystem::directory_iterator(sandboxes)) {
        const std::string name = entry.path().filename();
        const UniqueFd lock = try_open(parent.get(), name + "/" + keeper::lock_file, O_RDWR);
        list.emplace_back(name, lock && !try_lock(lock.get()));
    }
    return list;
}

std::shared_ptr<const ExistingSandbox> ExistingSandbox::open(const std::filesystem::path& sandboxes,
                                                             const std::string& name)
{
    SandboxDirectory::check_name(name);
    ExistingSandbox found;
    found.name_ = name;
    found.parent_ = try_open(AT_FDCWD, sandboxes, O_RDONLY | O_DIRECTORY);
    if (!found.parent_) {
        return nullptr;
    }
    found.directory_ = try_open(found.parent_.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!found.directory_) {
        return nullptr;
    }
    found.lock_ = try_open(found.directory_.get(), keeper::lock_file, O_RDWR);
    return std::make_shared<const ExistingSandbox>(std::move(found));
}

bool ExistingSandbox::try_lock() const
{
    // Without a lock file there never was a keeper, or it is done but for the directory itself.
    return !lock_ || local::try_lock(lock_.get());
}

bool ExistingSandbox::try_remove() const
{
    if (!keeper::try_remove_cgroups(cgroups_of(directory_.get()))) {
        return false;
    }
    keeper::remove_directory(parent_.get(), name_);
    return true;
}

} // namespace drukbox::service::local
