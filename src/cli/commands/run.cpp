#include "cli/command_line.hpp"
#include "cli/commands/create_options.hpp"
#include "cli/commands/login.hpp"
#include "cli/failure.hpp"
#include "cli/interrupts.hpp"
#include "cli/process.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"

#include <CLI/App.hpp>

#include <exception>
#include <memory>

namespace drukbox::cli {
namespace {

class RunCommand
{
public:
    RunCommand() = default;

    CreateOptions sandbox;
    bool tty = false;
};

/// Removes the sandbox; a failure is reported, not thrown, so that it does not hide the command's outcome.
bool removed(Session& session, const SandboxHost& host)
{
    try {
        session.remove(host.id);
        return true;
    } catch (const Failure& failure) {
        if (failure.code() == ExitCode::not_found) {
            return true;
        }
        print_error(host.name + " is not removed: " + failure.what(),
                    "remove it with: drukbox rm " + host.name);
        return false;
    }
}

int run(const RunCommand& command, const CommandLine& line)
{
    if (line.remote_command.empty()) {
        throw Failure(ExitCode::usage, "run what?", "drukbox run [OPTIONS] -- CMD...");
    }
    CreateHostRequest request = command.sandbox.request();

    Interrupts interrupts;
    Session session(line.connection);
    // A create that was begun is waited for even when interrupted: only its answer says what to remove.
    const SandboxHost host = create_host(session, request, [&] {
        return interrupts.received() != 0 ? "interrupted; waiting for the sandbox, to remove it"
                                          : "creating a sandbox";
    });

    int exit_code = 0;
    std::exception_ptr error;
    try {
        if (interrupts.received() == 0) {
            exit_code = run_program(
                ssh_arguments(prepare_login(session, host), line.remote_command, command.tty), interrupts);
        }
    } catch (const Failure&) {
        error = std::current_exception();
    }
    const bool clean = removed(session, host);
    if (error) {
        std::rethrow_exception(error);
    }
    if (const int signal = interrupts.received()) {
        return 128 + signal;
    }
    return exit_code == 0 && !clean ? static_cast<int>(ExitCode::failure) : exit_code;
}

} // namespace

void add_run_command(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<RunCommand>();
    CLI::App& run_app = *app.add_subcommand("run", "Make a sandbox, run a command in it, remove it");
    command->sandbox.add_to(run_app);
    run_app.add_flag("-t,--tty", command->tty, "A terminal for the command");
    run_app.footer(
        "\nThe sandbox is removed however the command ends, an interrupt included. The exit code is\n"
        "the command's; 255 means that ssh itself failed, 128 and more a signal.\n"
        "A single word behind -- is a command line for the remote shell; several are the\n"
        "command and its arguments, passed on unchanged.\n"
        "\nExamples:\n"
        "  drukbox run -- uname -a\n"
        "  drukbox run --env TOKEN -- 'cat > task.py; python3 task.py' < task.py\n"
        "  drukbox run -t -- bash");
    run_app.callback([command, &line] { line.action = [command, &line] { return run(*command, line); }; });
}

} // namespace drukbox::cli
