#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace drukbox::cli {

/// What can stand at a place of a command line.
class Completions
{
public:
    class Candidate
    {
    public:
        Candidate() = default;

        Candidate(std::string candidate_word, std::string candidate_meaning)
            : word(std::move(candidate_word))
            , meaning(std::move(candidate_meaning))
        {
        }

        std::string word;
        std::string meaning;
    };

    Completions() = default;

    std::vector<Candidate> candidates;
    bool files = false; ///< Names of files too.

    /// For the shells' scripts: a line a candidate, word and meaning with a tab between, and `:files`.
    [[nodiscard]] std::string str() const;
};

/// Completes the last of the words (which may be empty) of a command line, the program's name left out.
/// `hosts` is asked for candidates only where a host can stand.
[[nodiscard]] Completions complete(const CLI::App& app, const std::vector<std::string>& words,
                                   const std::function<std::vector<Completions::Candidate>()>& hosts);

/// The script that makes a shell ask `drukbox __complete`. Throws Failure for a shell other than bash, zsh,
/// fish.
[[nodiscard]] std::string completion_script(std::string_view shell);

} // namespace drukbox::cli
