#include "guest/shell.hpp"

#include "posix/unique_fd.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace drukbox::guest {
namespace {

constexpr const char* environment_file = "/etc/drukbox/env";

std::string slurp(const char* path)
{
    std::string data;
    const posix::UniqueFd fd{::open(path, O_RDONLY | O_CLOEXEC)};
    char buffer[4096];
    for (ssize_t got = 0; fd && (got = ::read(fd.get(), buffer, sizeof(buffer))) > 0;) {
        data.append(buffer, static_cast<std::size_t>(got));
    }
    return data;
}

/// `NAME=value`, each ended by a NUL, so that a value may hold anything else.
void add_variables()
{
    const std::string data = slurp(environment_file);
    for (std::size_t begin = 0, end = 0; (end = data.find('\0', begin)) != std::string::npos;
         begin = end + 1) {
        const std::string entry = data.substr(begin, end - begin);
        if (const auto equals = entry.find('='); equals != std::string::npos) {
            ::setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
        }
    }
}

} // namespace

int run_shell(char** argv)
{
    const bool login = argv[0][0] == '-';
    const char* const program = ::access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
    ::setenv("SHELL", program, 1);
    add_variables();
    std::string name{login ? "-" : ""};
    name.append(std::strrchr(program, '/') + 1);
    argv[0] = name.data();
    ::execv(program, argv);
    std::perror(program);
    return 127;
}

} // namespace drukbox::guest
