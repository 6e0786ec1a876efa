#include "keeper/probe.hpp"

#include "keeper/config.hpp"
#include "keeper/sandbox_user.hpp"

#include <cstdio>
#include <exception>
#include <vector>

#include <sys/prctl.h>
#include <unistd.h>

namespace drukbox::keeper {

int probe(char** arguments)
{
    try {
        Config config = Config::parse(arguments[0]);
        std::vector<posix::UniqueFd> no_sources;
        const SandboxUser user = SandboxUser::make(config, no_sources);
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        user.become(-1, ::getppid());
        arguments[0] = config.bwrap.data();
        ::execv(config.bwrap.c_str(), arguments);
        std::perror(config.bwrap.c_str());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return 127;
}

} // namespace drukbox::keeper
