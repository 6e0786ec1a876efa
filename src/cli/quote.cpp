#include "cli/quote.hpp"

#include <algorithm>
#include <cctype>

namespace drukbox::cli {

std::string shell_quote(std::string_view word)
{
    const std::string_view harmless = "-_./:=@%+,";
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [&](unsigned char c) {
        return std::isalnum(c) != 0 || harmless.find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (plain) {
        return std::string(word);
    }

    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string shell_join(const std::vector<std::string>& words)
{
    std::string out;
    for (const std::string& word : words) {
        if (!out.empty()) {
            out += ' ';
        }
        out += shell_quote(word);
    }
    return out;
}

std::string ssh_quote_path(std::string_view path)
{
    const bool quoted = path.find_first_of(" \t\"'\\#=") != std::string_view::npos;
    std::string out;
    for (const char c : path) {
        if (c == '%') {
            out += '%';
        }
        if (quoted && (c == '"' || c == '\\')) {
            out += '\\';
        }
        out += c;
    }
    return quoted ? "\"" + out + "\"" : out;
}

} // namespace drukbox::cli
