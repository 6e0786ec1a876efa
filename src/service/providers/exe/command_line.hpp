#pragma once

#include "service/base/redacted.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::exe {

/// One command of exe.dev, as the line of text that its API takes.
class CommandLine
{
public:
    /// `verb` is written as it stands: `new --json`.
    explicit CommandLine(std::string_view verb)
        : text_(verb)
    {
    }

    /// A word, quoted where a shell would need that.
    CommandLine& word(std::string_view text);

    /// `--name=value`, the value quoted likewise.
    CommandLine& option(std::string_view name, std::string_view value);

    /// A word that holds what no error may repeat.
    CommandLine& secret_word(std::string_view text, const Redacted& secret);

    /// The same for an option.
    CommandLine& secret_option(std::string_view name, std::string_view value, const Redacted& secret);

    /// The same for a script, which exe.dev wants in double quotes, its line ends as `\n`.
    CommandLine& script_option(std::string_view name, const Redacted& script);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    /// The secrets in it, plain and as they are quoted.
    [[nodiscard]] const std::vector<Redacted>& secrets() const noexcept { return secrets_; }

private:
    void keep(const Redacted& secret);

    std::string text_;
    std::vector<Redacted> secrets_;
};

/// Throws ProviderError for what a line cannot carry: a line's end, a NUL. `what` names the text.
void refuse_line_breaks(const Redacted& text, const std::string& what);

} // namespace drukbox::service::exe
