#include "cli/completion.hpp"

#include "cli/failure.hpp"
#include "wire/printable_text.hpp"

#include <CLI/App.hpp>

#include <algorithm>

namespace drukbox::cli {
namespace {

constexpr const char* bash_script = R"(_drukbox()
{
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :files) compopt -o filenames 2>/dev/null; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$2") ;;
        *) printf -v line %q "${line%%$'\t'*}"; COMPREPLY+=("$line") ;;
        esac
    done < <("$1" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case ${COMPREPLY[0]} in
    *:) compopt -o nospace 2>/dev/null ;;
    esac
}
complete -F _drukbox drukbox
)";

constexpr const char* zsh_script = R"(#compdef drukbox
_drukbox()
{
    local line files=0
    local -a candidates
    while IFS= read -r line; do
        case $line in
        :files) files=1 ;;
        *) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( $#candidates )) && _describe drukbox candidates
    (( files )) && _files
}
if [ "$funcstack[1]" = _drukbox ]; then
    _drukbox "$@"
else
    compdef _drukbox drukbox
fi
)";

constexpr const char* fish_script = R"(function __drukbox_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c drukbox -f -a '(__drukbox_complete)'
)";

std::string first_line(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

bool takes_value(const CLI::Option& option)
{
    return option.get_items_expected_max() > 0;
}

const CLI::Option* find_option(const CLI::App& app, const std::string& word)
{
    for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
        for (const CLI::Option* option : level->get_options()) {
            if (option->nonpositional() && option->check_name(word)) {
                return option;
            }
        }
    }
    return nullptr;
}

const CLI::App* find_command(const CLI::App& app, const std::string& word)
{
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (command->get_name() == word) {
            return command;
        }
    }
    return nullptr;
}

void add_options(Completions& completions, const CLI::App& app)
{
    for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
        for (const CLI::Option* option : level->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                completions.candidates.emplace_back("--" + name, first_line(option->get_description()));
            }
        }
    }
}

void add_commands(Completions& completions, const CLI::App& app)
{
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        completions.candidates.emplace_back(command->get_name(), command->get_description());
    }
}

void add_option_values(Completions& completions, const CLI::Option& option)
{
    if (option.check_lname("status")) {
        for (const char* status :
             {"provisioning", "creating_network", "creating_vm", "bootstrapping", "active", "error"}) {
            completions.candidates.emplace_back(status, "");
        }
    }
    completions.files = option.get_type_name() == "FILE";
}

/// The kind of a positional argument follows from its name in the help.
void add_positional_values(Completions& completions, const CLI::App& command, std::size_t index,
                           const std::function<std::vector<Completions::Candidate>()>& hosts)
{
    std::vector<const CLI::Option*> positionals;
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_positional()) {
            positionals.push_back(option);
        }
    }
    if (positionals.empty()) {
        return;
    }
    const CLI::Option& option = *positionals[std::min(index, positionals.size() - 1)];
    if (index >= positionals.size() && option.get_items_expected_max() <= 1) {
        return;
    }

    const std::string name = option.get_name(true);
    if (name == "SHELL") {
        for (const char* shell : {"bash", "zsh", "fish"}) {
            completions.candidates.emplace_back(shell, "");
        }
    } else if (name == "SRC" || name == "DST") {
        for (auto& host : hosts()) {
            completions.candidates.emplace_back(host.word + ":", std::move(host.meaning));
        }
        completions.files = true;
    } else {
        completions.candidates = hosts();
    }
}

} // namespace

std::string Completions::str() const
{
    std::string out;
    for (const Candidate& candidate : candidates) {
        out += wire::printable(candidate.word) + "\t" + wire::printable(candidate.meaning) + "\n";
    }
    return files ? out + ":files\n" : out;
}

Completions complete(const CLI::App& app, const std::vector<std::string>& words,
                     const std::function<std::vector<Completions::Candidate>()>& hosts)
{
    Completions completions;
    if (words.empty()) {
        return completions;
    }
    const std::string& current = words.back();

    const CLI::App* command = &app;
    std::size_t positionals = 0;
    const CLI::Option* open_option = nullptr; // one whose value comes next
    for (auto word = words.begin(); word != std::prev(words.end()); ++word) {
        if (*word == "--") {
            completions.files = true; // another program's command line
            return completions;
        }
        if (open_option != nullptr) {
            open_option = nullptr;
        } else if (word->starts_with('-')) {
            const CLI::Option* option = find_option(*command, *word);
            open_option = option != nullptr && takes_value(*option) ? option : nullptr;
        } else if (command == &app) {
            command = find_command(app, *word);
            if (command == nullptr) {
                return completions;
            }
        } else {
            ++positionals;
        }
    }

    if (open_option != nullptr) {
        add_option_values(completions, *open_option);
    } else if (current.starts_with('-')) {
        add_options(completions, *command);
    } else if (command == &app) {
        add_commands(completions, app);
    } else {
        add_positional_values(completions, *command, positionals, hosts);
    }
    std::erase_if(completions.candidates,
                  [&](const auto& candidate) { return !candidate.word.starts_with(current); });
    return completions;
}

std::string completion_script(std::string_view shell)
{
    if (shell == "bash") {
        return bash_script;
    }
    if (shell == "zsh") {
        return zsh_script;
    }
    if (shell == "fish") {
        return fish_script;
    }
    throw Failure(ExitCode::usage, "no completion for '" + std::string(shell) + "'",
                  "there is one for bash, zsh, fish");
}

} // namespace drukbox::cli
