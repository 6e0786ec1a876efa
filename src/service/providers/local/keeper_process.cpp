#include "service/providers/local/keeper_process.hpp"

#include "keeper/layout.hpp"
#include "posix/file.hpp"
#include "posix/pipe.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

using posix::UniqueFd;

/// Above what a started program is given, so that moving one descriptor never overwrites another.
constexpr int out_of_the_way = 64;

void check(int error, const char* what)
{
    if (error != 0) {
        throw std::system_error(error, std::system_category(), what);
    }
}

UniqueFd duplicate(int fd)
{
    UniqueFd copy{::fcntl(fd, F_DUPFD_CLOEXEC, out_of_the_way)};
    if (!copy) {
        throw posix::failure("descriptor");
    }
    return copy;
}

/// posix_spawn: no copy of this process's memory map, and nothing of it is run in the child.
class Spawn
{
public:
    Spawn()
    {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none;
        ::sigemptyset(&none);
        sigset_t all;
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }

    Spawn(const Spawn&) = delete;
    Spawn& operator=(const Spawn&) = delete;

    ~Spawn()
    {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    /// Descriptors must be given in the order of their numbers, from 0 on without a gap.
    void give(int fd)
    {
        copies_.push_back(duplicate(fd));
        check(::posix_spawn_file_actions_adddup2(&actions_, copies_.back().get(), given_++), "posix_spawn");
    }

    void work_in(int directory)
    {
        copies_.push_back(duplicate(directory));
        check(::posix_spawn_file_actions_addfchdir_np(&actions_, copies_.back().get()), "posix_spawn");
    }

    pid_t start(const std::vector<std::string>& command)
    {
        check(::posix_spawn_file_actions_addclosefrom_np(&actions_, given_), "posix_spawn");
        std::vector<char*> arguments;
        for (const std::string& word : command) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        std::array<char*, 1> environment{nullptr};
        pid_t pid = -1;
        check(::posix_spawn(&pid, command[0].c_str(), &actions_, &attributes_, arguments.data(),
                            environment.data()),
              command[0].c_str());
        return pid;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
    std::vector<UniqueFd> copies_;
    int given_ = 0;
};

/// Of a child that nobody has waited for yet, so that its number is still its own.
UniqueFd descriptor_of(pid_t pid)
{
    UniqueFd process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    if (!process) {
        throw posix::failure("pidfd");
    }
    ::fcntl(process.get(), F_SETFL, O_NONBLOCK);
    return process;
}

} // namespace

KeeperProcess KeeperProcess::start(const std::string& program, const SandboxDirectory& directory,
                                   const std::string& name, const UidClaim& uid,
                                   const std::vector<int>& sources)
{
    const UniqueFd control{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    const sockaddr_un address = control_address(directory.get());
    if (!control ||
        ::bind(control.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(control.get(), SOMAXCONN) != 0) {
        throw posix::failure(keeper::control_socket);
    }
    posix::Pipe ready;
    const UniqueFd null = posix::open_at(AT_FDCWD, "/dev/null", O_RDWR);

    Spawn spawn;
    for (int standard = 0; standard < 3; ++standard) {
        spawn.give(null.get());
    }
    static_assert(keeper::lock_fd == 3 && keeper::uid_lock_fd == 4 && keeper::control_fd == 5 &&
                  keeper::ready_fd == 6 && keeper::first_source_fd == 7 &&
                  keeper::first_source_fd + keeper::most_sources <= out_of_the_way);
    spawn.give(directory.lock());
    spawn.give(uid.lock ? uid.lock.get() : null.get());
    spawn.give(control.get());
    spawn.give(ready.write.get());
    for (const int source : sources) {
        spawn.give(source);
    }
    spawn.work_in(directory.get());
    KeeperProcess process;
    const pid_t pid = spawn.start({program, name});
    try {
        process.process = descriptor_of(pid);
    } catch (...) {
        // Without a descriptor nobody would wait for it, and its directory is about to go.
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        throw;
    }
    ::fcntl(ready.read.get(), F_SETFL, O_NONBLOCK);
    process.ready = std::move(ready.read);
    return process;
}

Outcome Outcome::of(const std::vector<std::string>& command, std::chrono::milliseconds patience)
{
    posix::Pipe output;
    const UniqueFd null = posix::open_at(AT_FDCWD, "/dev/null", O_RDWR);
    Outcome outcome;
    UniqueFd process;
    {
        Spawn spawn;
        spawn.give(null.get());
        spawn.give(output.write.get());
        spawn.give(output.write.get());
        process = descriptor_of(spawn.start(command));
    }
    output.write.reset();
    pollfd entry{process.get(), POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(patience.count())) == 0) {
        ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    }
    siginfo_t info{};
    ::fcntl(process.get(), F_SETFL, 0);
    if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process.get()), &info, WEXITED) == 0 &&
        info.si_code == CLD_EXITED) {
        outcome.exit_code = info.si_status;
    }
    std::array<char, 16384> buffer{};
    ::fcntl(output.read.get(), F_SETFL, O_NONBLOCK);
    if (const ssize_t got = ::read(output.read.get(), buffer.data(), buffer.size()); got > 0) {
        outcome.output.assign(buffer.data(), static_cast<std::size_t>(got));
    }
    return outcome;
}

} // namespace drukbox::service::local
