#include "cli/command_line.hpp"

#include "cli/failure.hpp"
#include "cli/terminal.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <csignal>
#include <exception>

namespace drukbox::cli {
namespace {

constexpr const char* footer = R"(
Examples:
  drukbox serve --dev                     start the service on this machine
  drukbox create                          make a sandbox
  drukbox ssh sb-4f1                      log in to it; a unique prefix is enough
  drukbox run -- python3 -c 'print(1)'    make one, run a command in it, remove it
  drukbox rm sb-4f1

Environment:
  SANDBOX_SERVICE_URL, SANDBOX_SERVICE_TOKEN    the service to talk to
  DRUKBOX_ALLOW_PLAIN_HTTP=1                    as --allow-plain-http
  NO_COLOR                                      no colour

Exit codes:
  0 done            3 not found    6 service unavailable
  1 failed          4 conflict     7 provisioning failed
  2 wrong usage     5 token refused
  ssh and run pass on the code of the remote command; 255 means that ssh itself failed.
)";

class CommandFormatter : public CLI::Formatter
{
public:
    CommandFormatter() { column_width(30); }

    [[nodiscard]] std::string make_help(const CLI::App* app, std::string name,
                                        CLI::AppFormatMode mode) const override
    {
        std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
        for (std::size_t gap = 0; (gap = help.find("\n\n\n", gap)) != std::string::npos;) {
            help.erase(gap, 1);
        }
        return help.erase(help.find_last_not_of('\n') + 1) + "\n";
    }

    [[nodiscard]] std::string make_description(const CLI::App* app) const override
    {
        return CLI::Formatter::make_description(app) + "\n";
    }

    [[nodiscard]] std::string make_usage(const CLI::App* app, std::string name) const override
    {
        std::string usage = CLI::Formatter::make_usage(app, std::move(name));
        usage.erase(usage.find_last_not_of('\n') + 1);
        if (app->get_name() == "ssh") {
            usage += " [-- CMD...]";
        } else if (app->get_name() == "run") {
            usage += " -- CMD...";
        }
        return usage + "\n\n";
    }

    /// The value's name alone: what may not be combined, the parser says when it is.
    [[nodiscard]] std::string make_option_opts(const CLI::Option* option) const override
    {
        const bool named = option->nonpositional() && option->get_items_expected_max() > 0;
        return named ? " " + option->get_type_name() : "";
    }
};

/// The words behind the first `--` of a command that runs another, taken out of the arguments: they are none
/// of the parser's business.
std::vector<std::string> split_remote_command(std::vector<std::string>& arguments)
{
    auto word = arguments.begin();
    while (word != arguments.end() && word->starts_with('-') && *word != "--") {
        const bool has_value = *word == "--url" || *word == "--token-file";
        word += has_value && std::next(word) != arguments.end() ? 2 : 1;
    }
    if (word == arguments.end() || (*word != "ssh" && *word != "run")) {
        return {};
    }
    const auto separator = std::find(word, arguments.end(), "--");
    if (separator == arguments.end()) {
        return {};
    }
    std::vector<std::string> command(std::next(separator), arguments.end());
    arguments.erase(separator, arguments.end());
    return command;
}

void build(CLI::App& app, CommandLine& line)
{
    app.name("drukbox");
    app.formatter(std::make_shared<CommandFormatter>());
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--url", line.connection.url, "The service's URL")->type_name("URL");
    app.add_option("--token-file", line.connection.token_file, "File that holds the service's token")
        ->type_name("FILE");
    app.add_flag("--allow-plain-http", line.connection.allow_plain_http,
                 "Send the token to another machine over plain HTTP too");
    app.set_version_flag("--version", "drukbox " DRUKBOX_VERSION, "Print the version");

    add_create_command(app, line);
    add_run_command(app, line);
    add_ssh_commands(app, line);
    add_host_commands(app, line);
    add_doctor_command(app, line);
    add_service_commands(app, line);
    add_completion_command(app, line);
    app.footer(footer); // last, or the commands would inherit it
}

std::string selected_command(const CLI::App& app)
{
    const auto selected = app.get_subcommands();
    return selected.empty() ? "drukbox" : "drukbox " + selected.front()->get_name();
}

int run(std::vector<std::string> arguments)
{
    CommandLine line;
    CLI::App app("Sandbox machines on demand, reached over SSH.");
    build(app, line);
    // Not a command of the parser's: the words that follow are half a command line.
    if (!arguments.empty() && arguments.front() == "__complete") {
        return print_completions(app, {std::next(arguments.begin()), arguments.end()});
    }
    line.remote_command = split_remote_command(arguments);
    std::reverse(arguments.begin(), arguments.end()); // what CLI11 expects of a vector
    try {
        app.parse(arguments);
    } catch (const CLI::CallForHelp&) {
        print(app.help());
        return 0;
    } catch (const CLI::CallForVersion& version) {
        print(std::string(version.what()) + "\n");
        return 0;
    } catch (const CLI::ParseError& error) {
        throw Failure(ExitCode::usage, error.what(), selected_command(app) + " --help says how");
    }
    return line.action();
}

} // namespace

int run_command_line(std::vector<std::string> arguments) noexcept
{
    try {
        return run(std::move(arguments));
    } catch (const Failure& failure) {
        print_error(failure.what(), failure.hint());
        return static_cast<int>(failure.code());
    } catch (const OutputClosed&) {
        return 128 + SIGPIPE;
    } catch (const std::exception& error) {
        print_error(error.what());
        return static_cast<int>(ExitCode::failure);
    }
}

} // namespace drukbox::cli
