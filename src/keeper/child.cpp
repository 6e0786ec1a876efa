#include "keeper/child.hpp"

#include "keeper/limits.hpp"
#include "keeper/priority.hpp"
#include "posix/file.hpp"

#include <exception>

#include <fcntl.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

/// Above all that a child is given, so that moving one descriptor never overwrites another.
constexpr int out_of_the_way = 200;

void arrange(const std::vector<std::pair<int, int>>& descriptors)
{
    std::vector<int> moved;
    for (const auto& [ours, theirs] : descriptors) {
        moved.push_back(::fcntl(ours, F_DUPFD_CLOEXEC, out_of_the_way));
        if (moved.back() < 0) {
            throw posix::failure("descriptor " + std::to_string(theirs));
        }
    }
    for (std::size_t i = 0; i < moved.size(); ++i) {
        ::dup2(moved[i], descriptors[i].second);
    }
    ::close_range(static_cast<unsigned>(descriptors.back().second) + 1, ~0U, 0);
}

[[noreturn]] void run(const Child& child, pid_t keeper)
{
    try {
        forgo_priority();
        if (child.yields) {
            lower_priority(0);
        }
        for (const std::string& cgroup : child.cgroups) {
            posix::write_existing(AT_FDCWD, cgroup + "/cgroup.procs", "0");
        }
        // Memory runs out: what is inside goes before anything of the machine.
        posix::write_existing(AT_FDCWD, "/proc/self/oom_score_adj", "500");
        child.user.become(child.user_namespace, keeper);
        arrange(child.descriptors);
        leave_half();
        if (::chdir("/") != 0) {
            throw posix::failure("/");
        }
        std::vector<char*> arguments;
        for (const std::string& argument : child.command) {
            arguments.push_back(const_cast<char*>(argument.c_str()));
        }
        arguments.push_back(nullptr);
        char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        char* const environment[] = {path, nullptr};
        ::execve(arguments[0], arguments.data(), environment);
        throw posix::failure(child.command[0]);
    } catch (const std::exception& error) {
        const std::string text = std::string{error.what()} + "\n";
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        ::_exit(127);
    }
}

} // namespace

pid_t Child::start() const
{
    const pid_t keeper = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
        throw posix::failure("fork");
    }
    if (pid == 0) {
        run(*this, keeper);
    }
    return pid;
}

} // namespace drukbox::keeper
