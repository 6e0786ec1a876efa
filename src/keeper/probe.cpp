#include "keeper/probe.hpp"

#include "keeper/child.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include <unistd.h>

namespace drukbox::keeper {

int probe(char** arguments)
{
    try {
        become(static_cast<std::uint32_t>(std::strtoul(arguments[0], nullptr, 10)), -1, ::getppid());
        ::execv(arguments[1], arguments + 1);
        std::perror(arguments[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return 127;
}

} // namespace drukbox::keeper
