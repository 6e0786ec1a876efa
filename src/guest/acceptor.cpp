#include "guest/acceptor.hpp"

#include "posix/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::guest {
namespace {

using posix::UniqueFd;

void limit(int resource, const char* text)
{
    const rlim_t most = std::strtoull(text, nullptr, 10);
    if (most == 0) {
        return;
    }
    const rlimit both{most, most};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

/// To the other sandboxes of the same user, of what the kernel counts by user namespace up to the limit of
/// who is counted, and as the user's outside as well, up to the limit of who made the namespace.
void leave_three_quarters(int resource)
{
    rlimit both{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &both);
    if (both.rlim_cur != RLIM_INFINITY) {
        both.rlim_cur /= 4;
    }
    both.rlim_max = both.rlim_cur;
    ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

/// What a connection is in here: a pipe to read from and one to write to.
class Connection
{
public:
    Connection() = default;

    explicit operator bool() const noexcept { return in && out; }

    UniqueFd in;
    UniqueFd out;
};

/// The next connection; nothing when a message brought none.
Connection receive_connection(int channel, bool& ended)
{
    int pipes[2] = {-1, -1};
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(pipes))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    ssize_t got = 0;
    do {
        got = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    ended = got <= 0;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (ended || header == nullptr || header->cmsg_type != SCM_RIGHTS) {
        return {};
    }
    // Fewer than two where this process may open no more.
    std::memcpy(pipes, CMSG_DATA(header), std::min(header->cmsg_len - CMSG_LEN(0), sizeof(pipes)));
    Connection connection;
    connection.in.reset(pipes[0]);
    connection.out.reset(pipes[1]);
    return connection;
}

[[noreturn]] void serve(const Connection& connection, char** command)
{
    std::signal(SIGCHLD, SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(connection.in.get(), STDIN_FILENO);
    ::dup2(connection.out.get(), STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::close_range(3, ~0U, 0);
    // Memory runs out: whatever a session runs goes before the acceptor, which the sandbox ends with. A
    // process that may not be read may not write this about itself either; it holds no secret any more.
    ::prctl(PR_SET_DUMPABLE, 1);
    if (const UniqueFd score{::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)}) {
        [[maybe_unused]] const ssize_t written = ::write(score.get(), "800", 3);
    }
    ::execv(command[0], command);
    ::_exit(127);
}

} // namespace

int run_acceptor(char** arguments)
{
    for (int i = 0; i < 5; ++i) {
        if (arguments[i] == nullptr) {
            return 2;
        }
    }
    const UniqueFd channel{std::atoi(arguments[0])};
    UniqueFd started{std::atoi(arguments[1])};
    char** const command = arguments + 4;

    // Same uid, other program: nobody inside may read or trace this one. It only makes an attack harder;
    // nothing outside depends on it.
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_NPROC, arguments[2]);
    limit(RLIMIT_DATA, arguments[3]);
    leave_three_quarters(RLIMIT_SIGPENDING);
    leave_three_quarters(RLIMIT_MSGQUEUE);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);

    // Ignored, children vanish without being waited for, adopted orphans included.
    std::signal(SIGCHLD, SIG_IGN);
    const int null = ::open("/dev/null", O_RDWR);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(null, standard);
    }
    ::close(null);

    if (::write(started.get(), "u", 1) != 1) {
        return 1;
    }
    started.reset();

    while (true) {
        bool ended = false;
        const Connection connection = receive_connection(channel.get(), ended);
        if (ended) {
            return 0;
        }
        // No process to spare: the connection closes, and the client may try again.
        if (connection && ::fork() == 0) {
            serve(connection, command);
        }
    }
}

} // namespace drukbox::guest
