#include "keeper/sandbox.hpp"

#include "keeper/child.hpp"
#include "keeper/layout.hpp"
#include "keeper/mounts.hpp"
#include "keeper/network.hpp"
#include "keeper/priority.hpp"
#include "posix/file.hpp"
#include "posix/pipe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

using posix::UniqueFd;

/// At most 4 KB of what is there now.
std::string drain(int fd)
{
    std::array<char, 4096> buffer{};
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

/// From `{ "child-pid": 123, …` of `bwrap --info-fd`; -1 when it is not there.
pid_t child_pid(std::string_view info)
{
    constexpr std::string_view key = "\"child-pid\": ";
    pid_t pid = -1;
    if (const auto at = info.find(key); at != std::string_view::npos) {
        std::from_chars(info.data() + at + key.size(), info.data() + info.size(), pid);
    }
    return pid;
}

pid_t parent_of(pid_t pid)
{
    const std::string stat = posix::read_file(AT_FDCWD, "/proc/" + std::to_string(pid) + "/stat");
    // pid (name) state ppid …; the name may hold anything.
    const auto after_name = stat.rfind(") ");
    pid_t parent = -1;
    if (after_name != std::string::npos && after_name + 4 < stat.size()) {
        std::from_chars(stat.data() + after_name + 4, stat.data() + stat.size(), parent);
    }
    return parent;
}

/// Of this process. None can end and its number be taken by another before it has been waited for.
std::vector<pid_t> children()
{
    std::vector<pid_t> pids;
    std::istringstream text{posix::read_file(AT_FDCWD, "/proc/thread-self/children")};
    for (pid_t pid = 0; text >> pid;) {
        pids.push_back(pid);
    }
    return pids;
}

} // namespace

void Sandbox::start()
{
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        throw posix::failure("socketpair");
    }
    channel_.reset(pair[0]);
    const UniqueFd channel_inside{pair[1]};
    ::shutdown(channel_.get(), SHUT_RD);
    // Room for those who come faster than the acceptor can start a server for each; the kernel cuts it to its
    // own limit.
    const int room = 1 << 20;
    ::setsockopt(channel_.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));

    posix::Pipe started;
    posix::Pipe info;
    posix::Pipe errors;
    const UniqueFd arguments = posix::open_at(AT_FDCWD, bwrap_arguments_file, O_RDONLY);
    const UniqueFd seccomp = posix::open_at(AT_FDCWD, seccomp_file, O_RDONLY);
    const UniqueFd null = posix::open_at(AT_FDCWD, "/dev/null", O_RDWR);

    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    Child child{user_};
    child.command = {config_.bwrap, "--args", std::to_string(bwrap_arguments_fd), "--"};
    child.command.insert(child.command.end(), config_.guest_command.begin(), config_.guest_command.end());
    child.descriptors = {{null.get(), STDIN_FILENO},          {null.get(), STDOUT_FILENO},
                         {errors.write.get(), STDERR_FILENO}, {arguments.get(), bwrap_arguments_fd},
                         {seccomp.get(), bwrap_seccomp_fd},   {info.write.get(), bwrap_info_fd},
                         {channel_inside.get(), channel_fd},  {started.write.get(), started_fd}};
    static_assert(bwrap_first_source_fd == started_fd + 1);
    for (const UniqueFd& source : sources_) {
        child.descriptors.emplace_back(source.get(), child.descriptors.back().second + 1);
    }
    child.cgroups = config_.cgroups;
    bwrap_ = child.start();
    sources_.clear();

    started_ = std::move(started.read);
    info_ = std::move(info.read);
    errors_ = std::move(errors.read);
}

bool Sandbox::take_started_byte()
{
    return !drain(started_.get()).empty();
}

void Sandbox::learn_init()
{
    const pid_t pid = child_pid(drain(info_.get()));
    if (pid < 0) {
        throw std::runtime_error("bwrap did not name the sandbox's first process");
    }
    UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    // Read after the descriptor was opened: a number that was given to another process has another parent.
    if (!pidfd || parent_of(pid) != bwrap_) {
        throw std::runtime_error("the sandbox's first process is gone");
    }
    init_ = std::move(pidfd);
    init_pid_ = pid;
}

void Sandbox::acceptor_is_up()
{
    learn_init();
    info_.reset();
    started_.reset();
    finish_mounts(config_, user_, init_pid_);
    if (!config_.slirp4netns.empty()) {
        start_network(config_, user_, init_pid_);
    }
    if (config_.cpu_group.empty()) {
        // Not from bwrap's start on: who creates one would wait behind all that the others do.
        lower_priority(bwrap_);
        lower_priority(init_pid_);
    }
    errors_.reset();
}

bool Sandbox::reap()
{
    bool bwrap_ended = false;
    while (true) {
        const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
        if (pid < 0 && errno == EINTR) {
            continue;
        }
        no_child_left_ = pid < 0 && errno == ECHILD;
        if (pid <= 0) {
            return bwrap_ended;
        }
        if (pid == bwrap_) {
            bwrap_ = -1;
            bwrap_ended = true;
        }
    }
}

void Sandbox::kill() const
{
    if (init_) {
        ::syscall(SYS_pidfd_send_signal, init_.get(), SIGKILL, nullptr, 0);
    }
    // Without a known PID 1, bwrap's tie to its child ends that one, but only from a certain moment on.
    // Before it, the child is this keeper's own as soon as bwrap is dead.
    for (const pid_t child : children()) {
        ::kill(child, SIGKILL);
    }
}

std::string Sandbox::complaint()
{
    std::string text = errors_ ? drain(errors_.get()) : std::string{};
    // It goes into records and answers, which are UTF-8; what bwrap says may hold any bytes of a file's name.
    constexpr std::size_t longest = 300;
    text = text.substr(0, std::min(longest, text.find('\n')));
    std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text.empty() ? "the sandbox ended before it was ready" : text;
}

} // namespace drukbox::keeper
