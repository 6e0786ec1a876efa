#include "keeper/inside.hpp"

#include "posix/file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::keeper {

InnerNamespace::InnerNamespace(pid_t init, const std::string& kind, int flag)
    : space_(posix::open_at(AT_FDCWD, "/proc/" + std::to_string(init) + "/ns/" + kind, O_RDONLY))
    , owner_(::ioctl(space_.get(), NS_GET_USERNS))
    , flag_(flag)
{
    if (!owner_) {
        throw posix::failure("owner of the namespace " + kind);
    }
}

void InnerNamespace::run(const SandboxUser& user, const std::string& complaint,
                         const std::function<void()>& task) const
{
    const pid_t keeper = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
        throw posix::failure("fork");
    }
    if (pid == 0) {
        int status = 0;
        try {
            user.become(owner_.get(), keeper);
            task();
        } catch (const std::system_error& error) {
            status = error.code().value();
        }
        ::_exit(status & 0xff);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
        throw posix::failure(complaint);
    }
}

void InnerNamespace::enter() const
{
    if (::setns(space_.get(), flag_) != 0) {
        throw posix::failure("setns");
    }
}

} // namespace drukbox::keeper
