#include "cli/command_line.hpp"
#include "cli/commands/login.hpp"
#include "cli/failure.hpp"
#include "cli/process.hpp"
#include "cli/quote.hpp"
#include "cli/remote_path.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "wire/printable_text.hpp"

#include <CLI/App.hpp>

#include <memory>
#include <optional>

namespace drukbox::cli {
namespace {

constexpr const char* identity_help = "Private key to log in with, instead of the one kept";

class SshCommand
{
public:
    SshCommand() = default;

    std::string name;
    std::string identity;
    bool tty = false;
};

/// The service is left before ssh takes this process over.
SshTarget target_of(const std::string& name, const std::string& identity, const CommandLine& line)
{
    Session session(line.connection);
    return prepare_login(session, session.find(name), identity);
}

int ssh(const SshCommand& command, const CommandLine& line)
{
    exec_program(
        ssh_arguments(target_of(command.name, command.identity, line), line.remote_command, command.tty));
}

void add_ssh(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<SshCommand>();
    CLI::App& ssh_app = *app.add_subcommand("ssh", "Log in to a sandbox, or run a command in it");
    ssh_app.add_option("NAME", command->name, "Name, id, or a prefix that fits one only")->required();
    ssh_app.add_option("-i,--identity", command->identity, identity_help)->type_name("FILE");
    ssh_app.add_flag("-t,--tty", command->tty, "A terminal for the command too");
    ssh_app.footer("\nThe exit code is the command's; 255 means that ssh itself failed.\n"
                   "A single word behind -- is a command line for the remote shell; several are the\n"
                   "command and its arguments, passed on unchanged.\n"
                   "\nExamples:\n"
                   "  drukbox ssh sb-4f1\n"
                   "  drukbox ssh sb-4f1 -- python3 -c 'print(1 + 1)'\n"
                   "  drukbox ssh sb-4f1 -- 'ps aux | wc -l'\n"
                   "  tar c . | drukbox ssh sb-4f1 -- tar x");
    ssh_app.callback([command, &line] { line.action = [command, &line] { return ssh(*command, line); }; });
}

class CopyCommand
{
public:
    CopyCommand() = default;

    std::string source;
    std::string destination;
    std::string identity;
    bool recursive = false;
};

int copy(const CopyCommand& command, const CommandLine& line)
{
    const auto source = RemotePath::parse(command.source);
    const auto destination = RemotePath::parse(command.destination);
    if (source.has_value() == destination.has_value()) {
        throw Failure(ExitCode::usage,
                      "cp copies between here and a sandbox: one of the two must be NAME:path",
                      "a file here with a colon in its name is written ./with:colon");
    }
    const SshTarget target = target_of(source ? source->host : destination->host, command.identity, line);
    const auto side = [&](const std::optional<RemotePath>& remote, const std::string& local) {
        return remote ? target.alias + ":" + remote->path : local;
    };
    exec_program(scp_arguments(target, command.recursive, side(source, command.source),
                               side(destination, command.destination)));
}

void add_copy(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<CopyCommand>();
    CLI::App& copy_app = *app.add_subcommand("cp", "Copy files to or from a sandbox");
    copy_app.add_option("SRC", command->source, "What to copy")->required();
    copy_app.add_option("DST", command->destination, "Where to; one of the two is NAME:path")->required();
    copy_app.add_flag("-r,--recursive", command->recursive, "Copy directories with what is in them");
    copy_app.add_option("-i,--identity", command->identity, identity_help)->type_name("FILE");
    copy_app.footer("\nExamples:\n"
                    "  drukbox cp task.py sb-4f1:\n"
                    "  drukbox cp -r sb-4f1:results .");
    copy_app.callback([command, &line] { line.action = [command, &line] { return copy(*command, line); }; });
}

std::string config_of_all(Session& session)
{
    std::string config;
    for (const SandboxHost& host : session.list()) {
        try {
            config += ssh_config_block(prepare_login(session, host)) + "\n";
        } catch (const Failure& failure) {
            config += "# " + wire::printable(host.name) + ": " + wire::printable(failure.what()) + "\n\n";
        }
    }
    return config;
}

void add_ssh_config(CLI::App& app, CommandLine& line)
{
    auto name = std::make_shared<std::string>();
    CLI::App& config_app =
        *app.add_subcommand("ssh-config", "Print Host blocks for ssh, rsync, editors: one sandbox, or all");
    config_app.add_option("NAME", *name, "Name, id, or a prefix that fits one only");
    config_app.footer(
        "\nExamples:\n"
        "  drukbox ssh-config > ~/.ssh/drukbox.conf    and in ~/.ssh/config: Include drukbox.conf\n"
        "  rsync -e 'ssh -F ~/.ssh/drukbox.conf' -a src/ sb-4f1a2b3c4d5e:src/");
    config_app.callback([name, &line] {
        line.action = [name, &line] {
            Session session(line.connection);
            print(name->empty() ? config_of_all(session)
                                : ssh_config_block(prepare_login(session, session.find(*name))));
            return 0;
        };
    });
}

} // namespace

void add_ssh_commands(CLI::App& app, CommandLine& line)
{
    add_ssh(app, line);
    add_copy(app, line);
    add_ssh_config(app, line);
}

} // namespace drukbox::cli
