#include "guest/acceptor.hpp"
#include "guest/shell.hpp"

#include <cstdio>
#include <cstring>
#include <string_view>

// One program for everything of ours that runs inside a sandbox. The login shell is called by the name in
// the password file, with a dash in front for a login; the rest by its first argument.
int main(int argc, char** argv)
{
    std::string_view called_as = argc > 0 ? argv[0] : "";
    called_as.remove_prefix(called_as.rfind('/') + 1); // npos + 1 is 0
    if (called_as == "shell" || called_as == "-shell") {
        return drukbox::guest::run_shell(argv);
    }
    if (argc >= 2 && std::strcmp(argv[1], "acceptor") == 0) {
        return drukbox::guest::run_acceptor(argv + 2);
    }
    std::fputs("drukbox-guest: for the inside of a sandbox\n", stderr);
    return 2;
}
