#include "cli/process.hpp"

#include "cli/failure.hpp"
#include "cli/interrupts.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::cli {
namespace {

constexpr int first_private_fd = 3;

std::vector<char*> argv_of(const std::vector<std::string>& arguments)
{
    std::vector<char*> argv;
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str())); // NOLINT: exec's signature; it does not write
    }
    argv.push_back(nullptr);
    return argv;
}

[[noreturn]] void refuse_start(const std::string& program, int error)
{
    throw Failure(ExitCode::failure, "cannot run " + program + ": " + std::generic_category().message(error),
                  error == ENOENT ? "it comes with the package openssh-client" : "");
}

class SpawnSettings
{
public:
    explicit SpawnSettings(const sigset_t& mask)
    {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, first_private_fd);
        ::posix_spawnattr_init(&attributes_);
        sigset_t defaults{};
        ::sigemptyset(&defaults);
        ::sigaddset(&defaults, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
        ::posix_spawnattr_setsigmask(&attributes_, &mask);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }

    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    ~SpawnSettings()
    {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }

    [[nodiscard]] const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }

    [[nodiscard]] const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// The exit code of a child that has ended, -1 while it runs.
int exit_code_of(pid_t child)
{
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended != child) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

void exec_program(const std::vector<std::string>& arguments)
{
    std::signal(SIGPIPE, SIG_DFL);
    // libcurl's descriptors are not all close-on-exec.
    ::close_range(first_private_fd, ~0U, 0);
    ::execvp(arguments.front().c_str(), argv_of(arguments).data());
    refuse_start(arguments.front(), errno);
}

int run_program(const std::vector<std::string>& arguments, Interrupts& interrupts)
{
    const SpawnSettings settings(interrupts.previous_mask());
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, arguments.front().c_str(), settings.actions(),
                                     settings.attributes(), argv_of(arguments).data(), environ);
    if (error != 0) {
        refuse_start(arguments.front(), error);
    }

    for (;;) {
        const int signal = interrupts.wait_for_child_or_signal();
        if (const int code = exit_code_of(child); code >= 0) {
            return code;
        }
        if (signal != 0) {
            ::kill(child, signal);
        }
    }
}

} // namespace drukbox::cli
