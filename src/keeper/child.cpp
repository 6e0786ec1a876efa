#include "keeper/child.hpp"

#include "keeper/priority.hpp"
#include "posix/file.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <string_view>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

/// What is usual, and at most half of what the keeper may open. The kernel counts descriptors on their way by
/// user, and refuses more to those whose limit is reached: who shares the keeper's user must not come that
/// far.
void limit_files()
{
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    constexpr rlim_t usual = 1024;
    files.rlim_max = std::max(files.rlim_max / 2, std::min(files.rlim_max, 2 * usual));
    files.rlim_cur = std::min(files.rlim_max, usual);
    ::setrlimit(RLIMIT_NOFILE, &files);
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
        become(child.uid, child.user_namespace, keeper);
        arrange(child.descriptors);
        limit_files();
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

void become(std::uint32_t uid, int user_namespace, pid_t keeper)
{
    if (uid != 0 && (::setgroups(0, nullptr) != 0 || ::setresgid(uid, uid, uid) != 0 ||
                     ::setresuid(uid, uid, uid) != 0)) {
        throw posix::failure("user " + std::to_string(uid));
    }
    if (user_namespace >= 0 && ::setns(user_namespace, CLONE_NEWUSER) != 0) {
        throw posix::failure("setns");
    }
    // After the changes of credentials, which would forget it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != keeper) {
        ::_exit(127);
    }
    ::umask(022);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

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
