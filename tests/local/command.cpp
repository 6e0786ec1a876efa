#include "local/command.hpp"

#include "posix/file.hpp"
#include "posix/pipe.hpp"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace drukbox::test {
namespace {

/// Moves what is there; closes the descriptor at its end.
void take(posix::UniqueFd& fd, std::string& text)
{
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
        fd.reset();
    }
}

void give(posix::UniqueFd& fd, std::string& text)
{
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written > 0) {
        text.erase(0, static_cast<std::size_t>(written));
    }
    if (text.empty() || (written < 0 && errno != EINTR && errno != EAGAIN)) {
        fd.reset();
    }
}

} // namespace

Outcome run_command(const std::vector<std::string>& command, const std::string& input,
                    std::chrono::seconds timeout)
{
    std::signal(SIGPIPE, SIG_IGN);
    posix::Pipe in;
    posix::Pipe out;
    posix::Pipe err;
    ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in.read.get(), 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), 1);
    ::posix_spawn_file_actions_adddup2(&actions, err.write.get(), 2);
    std::vector<char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    Outcome outcome;
    if (error != 0) {
        outcome.err = command[0] + ": " + std::generic_category().message(error);
        return outcome;
    }
    in.read.reset();
    out.write.reset();
    err.write.reset();

    std::string rest = input;
    if (rest.empty()) {
        in.write.reset();
    }
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (out.read || err.read) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        std::array<pollfd, 3> fds{pollfd{out.read.get(), POLLIN, 0}, pollfd{err.read.get(), POLLIN, 0},
                                  pollfd{in.write.get(), POLLOUT, 0}};
        if (left.count() <= 0 || ::poll(fds.data(), fds.size(), static_cast<int>(left.count())) == 0) {
            ::kill(pid, SIGKILL);
            outcome.err += "\n[timed out]";
            break;
        }
        if (fds[0].revents != 0) {
            take(out.read, outcome.out);
        }
        if (fds[1].revents != 0) {
            take(err.read, outcome.err);
        }
        if (fds[2].revents != 0) {
            give(in.write, rest);
        }
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status)) {
        outcome.exit_code = WEXITSTATUS(status);
    }
    return outcome;
}

} // namespace drukbox::test
