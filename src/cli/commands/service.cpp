#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "service/serve.hpp"

#include <CLI/App.hpp>

#include <memory>

namespace drukbox::cli {

void add_service_commands(CLI::App& app, CommandLine& line)
{
    auto options = std::make_shared<service::ServeOptions>();
    CLI::App& serve = *app.add_subcommand("serve", "Run the service");
    serve.add_flag("--dev", options->dev,
                   "No settings needed: local sandboxes, loopback only, a token of its own");
    serve.add_flag("--check-config", options->check_config,
                   "Read the settings, say what is wrong with them, and end");
    serve.footer(
        "\nSettings come from the environment and from .env in the working directory. The first line on\n"
        "standard output is the address: listening on http://...");
    serve.callback([options, &line] { line.action = [options] { return service::run_service(*options); }; });

    CLI::App& janitor = *app.add_subcommand("janitor", "Do one round of removing what has expired, and end");
    janitor.add_flag("--dev", options->dev, "With the settings of serve --dev");
    janitor.footer("\nFor who runs it from cron. A running service does this by itself.");
    janitor.callback(
        [options, &line] { line.action = [options] { return service::run_janitor(*options); }; });

    CLI::App& pool = *app.add_subcommand("pool", "Do one round of keeping the pool of warm hosts, and end");
    pool.add_flag("--dev", options->dev, "With the settings of serve --dev");
    pool.footer("\nFor who runs it from cron. A running service does this by itself.");
    pool.callback([options, &line] { line.action = [options] { return service::run_pool(*options); }; });

    CLI::App& version = *app.add_subcommand("version", "Print the version");
    version.callback([&line] {
        line.action = [] {
            print("drukbox " DRUKBOX_VERSION "\n");
            return 0;
        };
    });
}

} // namespace drukbox::cli
