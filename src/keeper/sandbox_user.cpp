#include "keeper/sandbox_user.hpp"

#include "keeper/limits.hpp"
#include "keeper/stage.hpp"
#include "posix/file.hpp"
#include "posix/pipe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

using posix::UniqueFd;

constexpr std::string_view done = "done";

/// What one writes in one piece; empty when there is nobody to write any more.
std::string receive(int fd)
{
    std::array<char, 512> buffer{};
    ssize_t got = 0;
    do {
        got = ::read(fd, buffer.data(), buffer.size());
    } while (got < 0 && errno == EINTR);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

void send(int fd, std::string_view text)
{
    [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
}

void take_ids(std::uint32_t uid)
{
    if (::setgroups(0, nullptr) != 0 || ::setresgid(uid, uid, uid) != 0 || ::setresuid(uid, uid, uid) != 0) {
        throw posix::failure("user " + std::to_string(uid));
    }
}

/// Makes the namespaces in a child of the keeper, which maps the uid in between and opens them at the end.
/// The end of the keeper ends it as well: nobody writes into the pipe any more.
class Maker
{
public:
    Maker(std::uint32_t uid, const std::vector<UniqueFd>& sources)
        : uid_(uid)
        , sources_(sources)
    {
    }

    [[noreturn]] void run()
    {
        from_keeper_.write.reset();
        to_keeper_.read.reset();
        try {
            leave_half();
            if (::unshare(CLONE_NEWUSER) != 0) {
                throw posix::failure("user namespace");
            }
            send(to_keeper_.write.get(), done);
            if (receive(from_keeper_.read.get()) == done) {
                set_stage_in_user_namespace(sources_, [this] { take_ids(uid_); });
                // The keeper is about to look at this process, which another user has since.
                ::prctl(PR_SET_DUMPABLE, 1);
                send(to_keeper_.write.get(), done);
                (void)receive(from_keeper_.read.get());
            }
        } catch (const std::exception& error) {
            send(to_keeper_.write.get(), error.what());
        }
        ::_exit(0);
    }

    void began()
    {
        from_keeper_.read.reset();
        to_keeper_.write.reset();
    }

    /// Until its next step is done.
    void await() const
    {
        if (const std::string text = receive(to_keeper_.read.get()); text != done) {
            throw std::runtime_error("no user of its own for the sandbox: " +
                                     (text.empty() ? "its maker has ended" : text));
        }
    }

    void go_on() const { send(from_keeper_.write.get(), done); }

private:
    std::uint32_t uid_;
    const std::vector<UniqueFd>& sources_;
    posix::Pipe from_keeper_;
    posix::Pipe to_keeper_;
};

/// A child of the keeper that is waited for, however this scope ends.
class ShortLived
{
public:
    explicit ShortLived(pid_t pid)
        : pid_(pid)
    {
        if (pid < 0) {
            throw posix::failure("fork");
        }
    }

    ShortLived(const ShortLived&) = delete;
    ShortLived& operator=(const ShortLived&) = delete;

    ~ShortLived()
    {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            (void)wait();
        }
    }

    [[nodiscard]] bool is_this_one() const noexcept { return pid_ == 0; }

    [[nodiscard]] std::string number() const { return std::to_string(pid_); }

    /// Returns whether it has ended well.
    bool wait()
    {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

private:
    pid_t pid_;
};

/// The one moment at which something may gain privileges: these have the right to map what /etc/subuid and
/// /etc/subgid say.
void run_helper(const std::string& program, const std::string& process, std::uint32_t inside,
                std::uint32_t outside)
{
    posix::Pipe errors;
    ShortLived helper{::fork()};
    if (helper.is_this_one()) {
        ::dup2(errors.write.get(), STDERR_FILENO);
        std::string first = std::to_string(inside);
        std::string second = std::to_string(outside);
        std::string path = program;
        std::string pid = process;
        char count[] = "1";
        char* const arguments[] = {path.data(), pid.data(), first.data(), second.data(), count, nullptr};
        char* const environment[] = {nullptr};
        ::execve(path.c_str(), arguments, environment);
        send(STDERR_FILENO, "cannot be run");
        ::_exit(127);
    }
    errors.write.reset();
    std::string text = receive(errors.read.get());
    if (!helper.wait()) {
        text = text.substr(0, text.find('\n'));
        throw std::runtime_error("no user of its own for the sandbox: " + program + ": " + text);
    }
}

} // namespace

SandboxUser SandboxUser::make(const Config& config, std::vector<UniqueFd>& sources)
{
    if (!config.newuidmap.empty()) {
        return subordinate(config, sources);
    }
    SandboxUser user;
    user.uid_ = config.uid;
    if (config.uid != 0) {
        set_stage(config, sources);
    }
    return user;
}

SandboxUser SandboxUser::subordinate(const Config& config, std::vector<UniqueFd>& sources)
{
    Maker maker{config.uid, sources};
    ShortLived process{::fork()};
    if (process.is_this_one()) {
        maker.run();
    }
    maker.began();
    maker.await();
    run_helper(config.newuidmap, process.number(), config.uid, config.uid);
    run_helper(config.newgidmap, process.number(), config.uid, config.gid);
    maker.go_on();
    maker.await();

    const std::string its = "/proc/" + process.number();
    SandboxUser user;
    user.uid_ = config.uid;
    user.user_namespace_ = posix::open_at(AT_FDCWD, its + "/ns/user", O_RDONLY);
    user.mount_namespace_ = posix::open_at(AT_FDCWD, its + "/ns/mnt", O_RDONLY);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        sources[i] = posix::open_at(AT_FDCWD, its + "/root" + staged(i), O_PATH | O_NOFOLLOW);
    }
    return user;
}

void SandboxUser::become(int user_namespace, pid_t keeper) const
{
    if (user_namespace_ && (::setns(user_namespace_.get(), CLONE_NEWUSER) != 0 ||
                            ::setns(mount_namespace_.get(), CLONE_NEWNS) != 0)) {
        throw posix::failure("namespaces of the sandbox's user");
    }
    if (uid_ != 0) {
        take_ids(uid_);
    }
    if (user_namespace >= 0 && ::setns(user_namespace, CLONE_NEWUSER) != 0) {
        throw posix::failure("setns");
    }
    settle(keeper);
}

void settle(pid_t keeper)
{
    // After all changes of credentials, which would forget it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != keeper) {
        ::_exit(127);
    }
    ::umask(022);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace drukbox::keeper
