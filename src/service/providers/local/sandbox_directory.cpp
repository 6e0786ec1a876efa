#include "service/providers/local/sandbox_directory.hpp"

#include "keeper/config.hpp"
#include "keeper/layout.hpp"
#include "keeper/remains.hpp"
#include "posix/file.hpp"
#include "service/providers/provider.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

using posix::UniqueFd;
using std::chrono::milliseconds;

/// Killing what a sandbox may run and freeing its memory takes the kernel a while on a busy machine.
constexpr milliseconds stop_patience{20'000};
constexpr milliseconds request_patience{5'000};

UniqueFd try_open(int at, const std::string& path, int flags)
{
    UniqueFd fd{::openat(at, path.c_str(), flags | O_CLOEXEC)};
    if (!fd && errno != ENOENT)
        throw posix::failure(path);
    return fd;
}

bool readable_within(int fd, milliseconds patience)
{
    pollfd entry{fd, POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(patience.count())) == 1;
}

/// A connection to a running keeper. Those that a former service started are found the same way.
class KeeperConnection
{
public:
    /// Nothing when nobody listens.
    static std::optional<KeeperConnection> open(int directory)
    {
        KeeperConnection connection;
        connection.socket_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        if (!connection.socket_)
            throw posix::failure("socket");
        const sockaddr_un address = control_address(directory);
        if (::connect(connection.socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)) != 0)
            return std::nullopt;
        ucred peer{};
        socklen_t length = sizeof(peer);
        if (::getsockopt(connection.socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0)
            connection.process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid, 0)));
        connection.is_keeper_ = runs_keeper(peer.pid);
        return connection;
    }

    void send(const std::string& request) const
    {
        // A keeper that has just ended is noticed by receive().
        [[maybe_unused]] const ssize_t sent =
            ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
    }

    /// Nothing when the keeper has ended or has not answered in time.
    [[nodiscard]] std::optional<std::string> receive(milliseconds patience) const
    {
        std::array<char, 256> buffer{};
        if (!readable_within(socket_.get(), patience))
            return std::nullopt;
        const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0)
            return std::nullopt;
        return std::string{buffer.data(), static_cast<std::size_t>(got)};
    }

    /// The whole process, not only its answer. A keeper that this process started leaves no zombie either.
    [[nodiscard]] bool ended_within(milliseconds patience) const
    {
        if (!process_ || !is_keeper_)
            return true; // gone before we looked, or about to start: the lock tells
        if (!readable_within(process_.get(), patience))
            return false;
        siginfo_t info{};
        ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_.get()), &info, WEXITED | WNOHANG);
        return true;
    }

    void kill() const
    {
        if (process_ && is_keeper_)
            ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
    }

private:
    /// Until a keeper has taken it over, the socket is the service's.
    static bool runs_keeper(pid_t pid)
    {
        try {
            return posix::read_file(AT_FDCWD, "/proc/" + std::to_string(pid) + "/comm") == "drukbox-keeper\n";
        } catch (const std::system_error&) {
            return false;
        }
    }

    UniqueFd socket_;
    UniqueFd process_;
    bool is_keeper_ = false;
};

bool try_lock(int lock)
{
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK)
        throw posix::failure(keeper::lock_file);
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
            if (errno != EINTR)
                throw posix::failure("lock");
        }
    }

    PassingLock(const PassingLock&) = delete;
    PassingLock& operator=(const PassingLock&) = delete;

    ~PassingLock() { ::flock(fd_, LOCK_UN); }

private:
    int fd_;
};

void stop(const KeeperConnection& keeper)
{
    keeper.send("stop");
    // Its answer or its end. Alive and deaf, stopped from outside perhaps: the sandbox ends with it.
    if (!keeper.receive(stop_patience) || !keeper.ended_within(request_patience)) {
        keeper.kill();
    }
    (void)keeper.ended_within(request_patience);
}

/// Returns when this process has the lock, and so no keeper is alive. There may be a lock and nobody who
/// listens: a keeper is about to start, or has all but ended.
void stop_keeper(int directory, int lock, const std::string& name)
{
    const auto until = std::chrono::steady_clock::now() + request_patience + stop_patience;
    while (!try_lock(lock)) {
        if (std::chrono::steady_clock::now() > until) {
            throw ProviderError("ProviderError", "the keeper of " + name + " does not end");
        }
        if (const auto keeper = KeeperConnection::open(directory)) {
            stop(*keeper);
        }
        ::poll(nullptr, 0, 1);
    }
}

void remove_remains(int parent, int directory, const std::string& name)
{
    try {
        const auto config = keeper::Config::parse(posix::read_file(directory, keeper::config_file));
        keeper::remove_cgroups(config.cgroups);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory)
            throw;
    } catch (const std::runtime_error&) {
        // Half written: the service died, and the groups would have been made after it.
    }
    keeper::remove_directory(parent, name);
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
        !std::all_of(name.begin(), name.end(), plain))
        throw ProviderError("ProviderError", "not a sandbox name");
}

SandboxDirectory SandboxDirectory::create(const std::filesystem::path& sandboxes, const std::string& name)
{
    check_name(name);
    SandboxDirectory made;
    made.parent_ = posix::open_at(AT_FDCWD, sandboxes, O_RDONLY | O_DIRECTORY);
    // Between these two steps it looks like the remains of one.
    const PassingLock newcomer{made.parent_.get(), LOCK_SH};
    if (::mkdirat(made.parent_.get(), name.c_str(), 0700) != 0) {
        if (errno == EEXIST)
            throw ProviderError("ProviderError", "a sandbox named " + name + " exists already");
        throw posix::failure(name);
    }
    made.name_ = name;
    made.directory_ = posix::open_at(made.parent_.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    made.lock_ = posix::open_at(made.directory_.get(), keeper::lock_file, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!try_lock(made.lock_.get()))
        throw ProviderError("ProviderError", "a sandbox named " + name + " is being removed");
    return made;
}

SandboxDirectory::~SandboxDirectory()
{
    if (name_.empty())
        return;
    try {
        remove_remains(parent_.get(), directory_.get(), name_);
    } catch (const std::exception&) {
        // list_sandboxes() will name what could not be removed, and remove_sandbox() tries again.
    }
}

std::vector<VmSummary> list_sandboxes(const std::filesystem::path& sandboxes)
{
    std::vector<VmSummary> list;
    const UniqueFd parent = try_open(AT_FDCWD, sandboxes, O_RDONLY | O_DIRECTORY);
    if (!parent)
        return list; // nothing was ever created
    const PassingLock no_newcomers{parent.get(), LOCK_EX};
    for (const auto& entry : std::filesystem::directory_iterator(sandboxes)) {
        const std::string name = entry.path().filename();
        const UniqueFd lock = try_open(parent.get(), name + "/" + keeper::lock_file, O_RDWR);
        list.emplace_back(name, lock && !try_lock(lock.get()));
    }
    return list;
}

void remove_sandbox(const std::filesystem::path& sandboxes, const std::string& name)
{
    SandboxDirectory::check_name(name);
    const UniqueFd parent = try_open(AT_FDCWD, sandboxes, O_RDONLY | O_DIRECTORY);
    if (!parent)
        return;
    const UniqueFd directory = try_open(parent.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!directory)
        return;
    // Without a lock file there never was a keeper, or it is done but for the directory itself.
    const UniqueFd lock = try_open(directory.get(), keeper::lock_file, O_RDWR);
    if (lock && !try_lock(lock.get()))
        stop_keeper(directory.get(), lock.get(), name);
    remove_remains(parent.get(), directory.get(), name);
}

std::string ask_keeper(const std::filesystem::path& sandboxes, const std::string& name,
                       const std::string& request)
{
    SandboxDirectory::check_name(name);
    const UniqueFd directory = try_open(AT_FDCWD, sandboxes / name, O_RDONLY | O_DIRECTORY);
    if (!directory)
        throw VmNotFound(name);
    const auto keeper = KeeperConnection::open(directory.get());
    if (!keeper)
        throw VmNotFound(name);
    keeper->send(request);
    if (auto answer = keeper->receive(request_patience))
        return *std::move(answer);
    const UniqueFd lock = try_open(directory.get(), keeper::lock_file, O_RDWR);
    if (!lock || try_lock(lock.get()))
        throw VmNotFound(name);
    throw ProviderError("ProviderError", "the keeper of " + name + " does not answer");
}

} // namespace drukbox::service::local
