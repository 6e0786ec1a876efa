#include "service/providers/support/shell.hpp"

namespace drukbox::service {

std::string shell_quoted(std::string_view text)
{
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
        } else {
            result += c;
        }
    }
    return result + "'";
}

Redacted export_lines(const std::map<std::string, Redacted>& env)
{
    std::string lines;
    for (const auto& [name, value] : env) {
        lines += "export " + name + "=" + shell_quoted(value.reveal()) + "\n";
    }
    return Redacted{std::move(lines)};
}

Redacted with_exports(std::string_view script, const std::map<std::string, Redacted>& env)
{
    std::string shebang = "#!/bin/sh\n";
    if (script.starts_with("#!")) {
        const auto end = script.find('\n');
        shebang = std::string{script.substr(0, end)} + "\n";
        script = end == std::string_view::npos ? std::string_view{} : script.substr(end + 1);
    }
    return Redacted{shebang + export_lines(env).reveal() + std::string{script}};
}

} // namespace drukbox::service
