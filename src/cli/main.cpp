#include "cli/command_line.hpp"
#include "cli/terminal.hpp"

int main(int argc, char** argv)
{
    drukbox::cli::prepare_standard_streams();
    return drukbox::cli::run_command_line({argv + 1, argv + argc});
}
