#include "cli/command_line.hpp"
#include "cli/commands/create_options.hpp"
#include "cli/commands/host_view.hpp"
#include "cli/commands/login.hpp"
#include "cli/failure.hpp"
#include "cli/quote.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "wire/host_record.hpp"
#include "wire/printable_text.hpp"

#include <CLI/App.hpp>

#include <memory>

namespace drukbox::cli {
namespace {

class CreateCommand
{
public:
    CreateCommand() = default;

    CreateOptions sandbox;
    bool permanent = false;
    std::string idempotency_key;
    bool json = false;
    bool quiet = false;
};

std::string summary(const Session& session, const SandboxHost& host)
{
    std::string text = host_details(host);
    if (session.keys().private_key(host.id)) {
        text += "\nLog in with\n  drukbox ssh " + shell_quote(host.name) + "\nor\n  " +
                shell_join(ssh_arguments(prepare_login(session, host))) + "\n";
    }
    return text;
}

int create(const CreateCommand& command, const CommandLine& line)
{
    CreateHostRequest request = command.sandbox.request();
    if (command.permanent) {
        request.expires(Lease::permanent());
    }
    if (!command.idempotency_key.empty()) {
        request.idempotency_key(command.idempotency_key);
    }

    Session session(line.connection);
    const SandboxHost host = create_host(session, request, [] { return "creating a sandbox"; }, command.json);
    if (command.json) {
        print(wire::serialize(host) + "\n");
    } else if (command.quiet) {
        print(wire::printable(host.name) + "\n");
    } else {
        print(summary(session, host));
    }
    return 0;
}

} // namespace

void add_create_command(CLI::App& app, CommandLine& line)
{
    auto command = std::make_shared<CreateCommand>();
    CLI::App& create_app = *app.add_subcommand("create", "Make a sandbox");
    command->sandbox.add_to(create_app);
    create_app.add_flag("--permanent", command->permanent, "No end: it lives until it is removed")
        ->excludes("--ttl");
    create_app
        .add_option("--idempotency-key", command->idempotency_key,
                    "The same key gives the same sandbox, however often this is called")
        ->type_name("KEY");
    auto* json =
        create_app.add_flag("--json", command->json, "Print the record as JSON, its private key included");
    create_app.add_flag("-q,--quiet", command->quiet, "Print the name only")->excludes(json);
    create_app.footer("\nExamples:\n"
                      "  drukbox create\n"
                      "  drukbox create --ttl 2h --env API_KEY --env MODE=fast\n"
                      "  drukbox create --json --idempotency-key job-42 | jq -r .name");
    create_app.callback(
        [command, &line] { line.action = [command, &line] { return create(*command, line); }; });
}

} // namespace drukbox::cli
