#include "cli/completion.hpp"

#include "cli/command_line.hpp"
#include "cli/failure.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "wire/host_name.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace drukbox::cli {
namespace {

/// Somebody waits at a prompt.
constexpr std::chrono::milliseconds time_limit{2000};

std::vector<Completions::Candidate> host_candidates(const ConnectionOptions& connection)
{
    std::vector<Completions::Candidate> candidates;
    try {
        Session session(connection, time_limit);
        for (SandboxHost& host : session.list()) {
            if (wire::is_host_name(host.name)) { // it will stand on a command line
                candidates.emplace_back(std::move(host.name), host.status + " " + host.image);
            }
        }
    } catch (const Failure&) {
        candidates.clear(); // A prompt is no place for an error message.
    }
    return candidates;
}

} // namespace

void add_completion_command(CLI::App& app, CommandLine& line)
{
    auto shell = std::make_shared<std::string>();
    CLI::App& script = *app.add_subcommand("completion", "Print a shell's completion script");
    script.add_option("SHELL", *shell, "bash, zsh or fish")->required();
    script.footer("\nExamples:\n"
                  "  source <(drukbox completion bash)\n"
                  "  drukbox completion fish > ~/.config/fish/completions/drukbox.fish");
    script.callback([shell, &line] {
        line.action = [shell] {
            print(completion_script(*shell));
            return 0;
        };
    });
}

int print_completions(const CLI::App& app, const std::vector<std::string>& words)
{
    ConnectionOptions connection;
    for (std::size_t i = 0; i + 2 < words.size(); ++i) {
        if (words[i] == "--url") {
            connection.url = words[i + 1];
        } else if (words[i] == "--token-file") {
            connection.token_file = words[i + 1];
        }
    }
    connection.allow_plain_http = std::find(words.begin(), words.end(), "--allow-plain-http") != words.end();
    print(complete(app, words, [&] { return host_candidates(connection); }).str());
    return 0;
}

} // namespace drukbox::cli
