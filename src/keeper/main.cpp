#include "keeper/config.hpp"
#include "keeper/keeper.hpp"
#include "keeper/layout.hpp"
#include "keeper/probe.hpp"
#include "keeper/sandbox_user.hpp"
#include "posix/file.hpp"
#include "posix/unique_fd.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using drukbox::posix::UniqueFd;

namespace {

/// What the service opened for this process must not reach what this process starts.
UniqueFd adopt(int fd)
{
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    return UniqueFd{fd};
}

int keep(char* program)
{
    using namespace drukbox::keeper;

    std::signal(SIGPIPE, SIG_IGN);
    ::umask(077);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    // Room for every connection that is allowed, whatever the service was started with. It bounds as well how
    // many descriptors this user may have on their way in sockets, see Child.
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);

    const UniqueFd lock = adopt(lock_fd);
    const UniqueFd uid_lock = adopt(uid_lock_fd);
    UniqueFd control = adopt(control_fd);
    UniqueFd ready = adopt(ready_fd);
    try {
        const Config config = Config::parse(drukbox::posix::read_file(AT_FDCWD, config_file));
        UniqueFd parent = drukbox::posix::open_at(AT_FDCWD, "..", O_RDONLY | O_DIRECTORY);
        std::vector<UniqueFd> sources;
        for (unsigned i = 0; i < config.sources; ++i) {
            sources.push_back(adopt(first_source_fd + static_cast<int>(i)));
        }
        const SandboxUser user = SandboxUser::make(config, sources);
        // The only programs that have more than this one has are behind us.
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        Keeper keeper{config,
                      user,
                      program,
                      std::move(parent),
                      std::move(control),
                      UniqueFd{::fcntl(ready.get(), F_DUPFD_CLOEXEC, 0)},
                      std::move(sources)};
        ready.reset();
        keeper.run();
        return 0;
    } catch (const std::exception& error) {
        // The directory stays, unlocked: its remains are for the service to remove.
        const std::string text = std::string{"error "} + error.what() + "\n";
        if (ready) {
            [[maybe_unused]] const ssize_t written = ::write(ready.get(), text.data(), text.size());
        }
        return 1;
    }
}

} // namespace

// drukbox-keeper NAME: keeps the sandbox whose directory it is started in. The name is for who reads `ps`.
// drukbox-keeper --probe CONFIGURATION ARGUMENT…: runs bwrap as a keeper would.
int main(int argc, char** argv)
{
    if (argc >= 4 && std::strcmp(argv[1], "--probe") == 0) {
        return drukbox::keeper::probe(argv + 2);
    }
    if (argc == 2) {
        return keep(argv[0]);
    }
    std::fputs("drukbox-keeper: started by drukbox serve\n", stderr);
    return 2;
}
