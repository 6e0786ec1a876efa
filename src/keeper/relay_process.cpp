#include "keeper/relay_process.hpp"

#include "keeper/confine.hpp"
#include "keeper/event_loop.hpp"
#include "keeper/priority.hpp"
#include "keeper/relay.hpp"
#include "keeper/sandbox_user.hpp"
#include "posix/file.hpp"
#include "posix/pipe.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

using posix::UniqueFd;

/// For who reads `ps`.
void rename_process(char* program)
{
    constexpr std::string_view ours = "drukbox-keeper";
    constexpr std::string_view theirs = "drukbox-relay";
    ::prctl(PR_SET_NAME, theirs.data());
    const std::string_view path{program};
    if (!path.ends_with(ours)) {
        return;
    }
    char* const name = program + path.size() - ours.size();
    std::memset(name, 0, ours.size());
    theirs.copy(name, theirs.size());
}

constexpr int listener_fd = STDERR_FILENO + 1;
constexpr int channel_fd = STDERR_FILENO + 2;

/// Closes all that is the keeper's, its lock among it, which would otherwise be held by this process as well.
void keep_only(int listener, int channel)
{
    constexpr int out_of_the_way = 200;
    listener = ::fcntl(listener, F_DUPFD_CLOEXEC, out_of_the_way);
    channel = ::fcntl(channel, F_DUPFD_CLOEXEC, out_of_the_way);
    if (listener < 0 || channel < 0 || ::dup3(listener, listener_fd, O_CLOEXEC) < 0 ||
        ::dup3(channel, channel_fd, O_CLOEXEC) < 0) {
        throw posix::failure("descriptor");
    }
    ::close_range(channel_fd + 1, ~0U, 0);
}

} // namespace

RelayProcess::RelayProcess(const Config& config, char* program)
    : config_(config)
    , program_(program)
    , listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    if (!listener_ || ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::listen(listener_.get(), 128) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        throw posix::failure("no port on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
}

void RelayProcess::run(int channel, int keeper) const
{
    try {
        rename_process(program_);
        forgo_priority();
        if (config_.cpu_group.empty()) {
            lower_priority(0);
        } else {
            posix::write_existing(AT_FDCWD, config_.cpu_group + "/cgroup.procs", "0");
        }
        settle(keeper);
        keep_only(listener_.get(), channel);
        if (::chdir("/") != 0) {
            throw posix::failure("/");
        }
        EventLoop loop;
        const Relay relay{loop, UniqueFd{listener_fd}, UniqueFd{channel_fd}};
        confine(Role::relay);
        loop.run();
    } catch (const std::exception&) {
        // The keeper sees the end of this process, and has nobody to tell why.
    }
    ::_exit(1);
}

void RelayProcess::start(int channel)
{
    posix::Pipe under_way;
    const pid_t keeper = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
        throw posix::failure("fork");
    }
    if (pid == 0) {
        run(channel, keeper);
    }
    process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process_) {
        throw posix::failure("pidfd");
    }
    listener_.reset();
    under_way.write.reset();
    // Its copy of the other end is closed with all that is not its own.
    char byte = 0;
    while (::read(under_way.read.get(), &byte, 1) < 0 && errno == EINTR) {
    }
}

} // namespace drukbox::keeper
