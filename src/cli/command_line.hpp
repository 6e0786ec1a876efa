#pragma once

#include "cli/connection.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace drukbox::cli {

/// What a command line amounts to, filled in while it is read.
class CommandLine
{
public:
    CommandLine() = default;

    ConnectionOptions connection;
    /// The words behind `--`, of the commands that run another.
    std::vector<std::string> remote_command;
    /// Carries the command out; returns the exit code.
    std::function<int()> action;
};

/// Each family of commands adds its own to the application. The command line outlives it.
void add_service_commands(CLI::App& app, CommandLine& line);
void add_create_command(CLI::App& app, CommandLine& line);
void add_host_commands(CLI::App& app, CommandLine& line);
void add_ssh_commands(CLI::App& app, CommandLine& line);
void add_run_command(CLI::App& app, CommandLine& line);
void add_doctor_command(CLI::App& app, CommandLine& line);
void add_completion_command(CLI::App& app, CommandLine& line);

/// Answers a shell's completion script: what can stand for the last of the words.
[[nodiscard]] int print_completions(const CLI::App& app, const std::vector<std::string>& words);

/// Reads a command line, the program's name left out, and carries it out. Returns the exit code; every
/// failure has been reported on standard error.
[[nodiscard]] int run_command_line(std::vector<std::string> arguments) noexcept;

} // namespace drukbox::cli
