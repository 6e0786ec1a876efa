#include "service/providers/exe/command_line.hpp"

#include "service/providers/provider.hpp"
#include "service/providers/support/shell.hpp"

#include <algorithm>

namespace drukbox::service::exe {
namespace {

bool needs_no_quotes(std::string_view text)
{
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"@%+=:,./-_"}.find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, plain);
}

std::string quoted(std::string_view text)
{
    return needs_no_quotes(text) ? std::string{text} : shell_quoted(text);
}

} // namespace

CommandLine& CommandLine::word(std::string_view text)
{
    text_ += " " + quoted(text);
    return *this;
}

CommandLine& CommandLine::option(std::string_view name, std::string_view value)
{
    text_ += " " + std::string{name} + "=" + quoted(value);
    return *this;
}

CommandLine& CommandLine::secret_word(std::string_view text, const Redacted& secret)
{
    keep(secret);
    return word(text);
}

CommandLine& CommandLine::secret_option(std::string_view name, std::string_view value, const Redacted& secret)
{
    keep(secret);
    return option(name, value);
}

CommandLine& CommandLine::script_option(std::string_view name, const Redacted& script)
{
    secrets_.push_back(script);
    text_ += " " + std::string{name} + "=\"";
    for (const char c : script.reveal()) {
        if (c == '\n') {
            text_ += "\\n";
        } else {
            if (c == '\\' || c == '"') {
                text_ += '\\';
            }
            text_ += c;
        }
    }
    text_ += '"';
    return *this;
}

void CommandLine::keep(const Redacted& secret)
{
    const auto in_quotes = shell_quoted(secret.reveal());
    secrets_.push_back(secret);
    secrets_.emplace_back(in_quotes.substr(1, in_quotes.size() - 2));
}

void refuse_line_breaks(const Redacted& text, const std::string& what)
{
    const auto at = text.reveal().find_first_of(std::string_view{"\n\r\0", 3});
    if (at != std::string::npos) {
        const bool nul = text.reveal()[at] == '\0';
        throw ProviderError(std::string{"exe cannot carry the "} + (nul ? "NUL" : "newline") + " in " + what);
    }
}

} // namespace drukbox::service::exe
