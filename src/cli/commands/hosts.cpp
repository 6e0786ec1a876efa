#include "cli/command_line.hpp"
#include "cli/commands/host_view.hpp"
#include "cli/duration.hpp"
#include "cli/failure.hpp"
#include "cli/host_reference.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "wire/host_record.hpp"
#include "wire/object_writer.hpp"
#include "wire/printable_text.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace drukbox::cli {
namespace {

class ListCommand
{
public:
    ListCommand() = default;

    std::string status;
    std::string provider;
    bool json = false;
    bool quiet = false;
};

int list(const ListCommand& command, const CommandLine& line)
{
    Session session(line.connection);
    std::vector<SandboxHost> hosts = session.list();
    std::erase_if(hosts, [&](const SandboxHost& host) {
        return (!command.status.empty() && host.status != command.status) ||
               (!command.provider.empty() && host.provider != command.provider);
    });

    if (command.json) {
        print(wire::serialize(hosts) + "\n");
    } else if (command.quiet) {
        for (const SandboxHost& host : hosts) {
            print(wire::printable(host.name) + "\n");
        }
    } else {
        print(host_table(hosts, colour_output()));
    }
    return 0;
}

void add_list(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<ListCommand>();
    CLI::App& list_app = *app.add_subcommand("ls", "List the sandboxes, newest first");
    list_app.add_option("--status", command->status, "Only those in this state")->type_name("STATUS");
    list_app.add_option("--provider", command->provider, "Only those of this provider")->type_name("NAME");
    auto* json = list_app.add_flag("--json", command->json, "Print an array of records as JSON");
    list_app.add_flag("-q,--quiet", command->quiet, "Print the names only")->excludes(json);
    list_app.callback([command, &line] { line.action = [command, &line] { return list(*command, line); }; });
}

class GetCommand
{
public:
    GetCommand() = default;

    std::string name;
    bool json = false;
};

int get(const GetCommand& command, const CommandLine& line)
{
    Session session(line.connection);
    const SandboxHost host = session.find(command.name);
    print(command.json ? wire::serialize(host) + "\n" : host_details(host));
    return 0;
}

void add_get(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<GetCommand>();
    CLI::App& get_app = *app.add_subcommand("get", "Show one sandbox");
    get_app.add_option("NAME", command->name, "Name, id, or a prefix that fits one only")->required();
    get_app.add_flag("--json", command->json, "Print the record as JSON");
    get_app.callback([command, &line] { line.action = [command, &line] { return get(*command, line); }; });
}

class RenewCommand
{
public:
    RenewCommand() = default;

    std::string name;
    std::string ttl;
    bool json = false;
};

int renew(const RenewCommand& command, const CommandLine& line)
{
    Lease lease;
    if (!command.ttl.empty()) {
        lease = Lease::until(std::chrono::system_clock::now() + parse_duration(command.ttl));
    }
    Session session(line.connection);
    const std::string id = session.find(command.name).id;
    const SandboxHost host =
        session.call([&](const SandboxClient& client) { return client.renew_host(id, lease); });
    print(command.json ? wire::serialize(host) + "\n"
                       : wire::printable(host.name + " expires " + lease_end(host)) + "\n");
    return 0;
}

void add_renew(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<RenewCommand>();
    CLI::App& renew_app = *app.add_subcommand("renew", "Give a sandbox a new lease, from now");
    renew_app.add_option("NAME", command->name, "Name, id, or a prefix that fits one only")->required();
    renew_app.add_option("--ttl", command->ttl, "How long: 90s, 15m, 2h, 1d12h (default: the service's)")
        ->type_name("DURATION");
    renew_app.add_flag("--json", command->json, "Print the record as JSON");
    renew_app.callback(
        [command, &line] { line.action = [command, &line] { return renew(*command, line); }; });
}

class RemoveCommand
{
public:
    RemoveCommand() = default;

    std::vector<std::string> names;
    bool all = false;
    bool yes = false;
    bool json = false;
};

void require_consent(std::size_t count, const RemoveCommand& command)
{
    if (command.yes || count == 0) {
        return;
    }
    if (!confirm("Remove " + std::to_string(count) + (count == 1 ? " sandbox?" : " sandboxes?"))) {
        throw Failure(ExitCode::failure, "nothing removed", "--yes answers the question beforehand");
    }
}

/// The hosts meant, each once. A name that fits none is reported, and its failure kept as the exit code.
std::vector<SandboxHost> chosen(const std::vector<SandboxHost>& hosts, const RemoveCommand& command,
                                int& exit_code)
{
    if (command.all) {
        return hosts;
    }
    std::vector<SandboxHost> found;
    for (const std::string& name : command.names) {
        try {
            const SandboxHost& host = find_host(hosts, name);
            if (std::find(found.begin(), found.end(), host) == found.end()) {
                found.push_back(host);
            }
        } catch (const Failure& failure) {
            print_error(failure.what(), failure.hint());
            exit_code = exit_code != 0 ? exit_code : static_cast<int>(failure.code());
        }
    }
    return found;
}

void append_removed(std::string& list, const SandboxHost& host)
{
    if (!list.empty()) {
        list += ',';
    }
    wire::ObjectWriter object(list);
    object.string("id", host.id);
    object.string("name", host.name);
    object.close();
}

int remove(const RemoveCommand& command, const CommandLine& line)
{
    if (command.all != command.names.empty()) {
        throw Failure(ExitCode::usage,
                      command.all ? "rm takes names or --all, not both" : "rm which sandbox?",
                      "drukbox ls shows what there is");
    }
    int exit_code = 0;
    Session session(line.connection);
    const std::vector<SandboxHost> hosts = chosen(session.list(), command, exit_code);
    if (command.all) {
        require_consent(hosts.size(), command);
    }

    std::string removed;
    for (const SandboxHost& host : hosts) {
        try {
            session.remove(host.id);
        } catch (const Failure& failure) {
            print_error(host.name + " is not removed: " + failure.what(), failure.hint());
            exit_code = exit_code != 0 ? exit_code : static_cast<int>(failure.code());
            continue;
        }
        append_removed(removed, host);
        if (!command.json) {
            print(wire::printable(host.name) + "\n");
        }
    }
    if (command.json) {
        print("{\"removed\":[" + removed + "]}\n");
    }
    return exit_code;
}

void add_remove(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<RemoveCommand>();
    CLI::App& remove_app = *app.add_subcommand("rm", "Remove sandboxes, and the keys kept of them");
    remove_app.add_option("NAME", command->names, "Names, ids, or prefixes that fit one only");
    remove_app.add_flag("--all", command->all, "All of them, after a question");
    remove_app.add_flag("-y,--yes", command->yes, "Do not ask");
    remove_app.add_flag("--json", command->json, "Print {\"removed\": [{\"id\", \"name\"}]}");
    remove_app.callback(
        [command, &line] { line.action = [command, &line] { return remove(*command, line); }; });
}

} // namespace

void add_host_commands(CLI::App& app, CommandLine& line)
{
    add_list(app, line);
    add_get(app, line);
    add_renew(app, line);
    add_remove(app, line);
}

} // namespace drukbox::cli
