#include "service/store/database_url.hpp"

#include "service/base/setting_error.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <ranges>
#include <string>
#include <vector>

#include <libpq-fe.h>

namespace drukbox::service {
namespace {

[[noreturn]] void refuse(const std::string& problem)
{
    throw SettingError("DATABASE_URL", problem);
}

std::filesystem::path sqlite_file(std::string_view rest)
{
    const auto path = rest.substr(0, rest.find('?'));
    if (path.size() < 2 || !path.starts_with('/')) {
        refuse("should name a file after sqlite:/// (four slashes for an absolute path)");
    }
    return std::filesystem::absolute(path.substr(1)).lexically_normal();
}

/// SOCI takes a connection apart at spaces and quotes, which have no place in an URL anyway.
std::string escape_blanks(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > ' ' && byte < 0x7f && c != '"' && c != '\'' && c != '\\') {
            escaped += c;
        } else {
            escaped += {'%', digits[byte >> 4], digits[byte & 0xf]};
        }
    }
    return escaped;
}

/// asyncpg's name for what libpq calls sslmode.
std::string translate(std::string_view parameter)
{
    constexpr std::string_view ssl = "ssl=";
    if (!parameter.starts_with(ssl)) {
        return escape_blanks(parameter);
    }
    const auto value = parameter.substr(ssl.size());
    const auto mode = value == "true" ? "require" : value == "false" ? "disable" : value;
    return "sslmode=" + escape_blanks(mode);
}

void check(const std::string& url)
{
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
        PQconninfoParse(url.c_str(), &problem), PQconninfoFree};
    const std::unique_ptr<char, decltype(&PQfreemem)> message{problem, PQfreemem};
    if (options) {
        return;
    }
    // Most of libpq's messages repeat the URL; this one names a parameter.
    constexpr std::string_view unknown = "invalid URI query parameter: ";
    std::string_view text = message ? std::string_view{message.get()} : std::string_view{};
    if (text.starts_with(unknown)) {
        text.remove_suffix(text.ends_with('\n') ? 1 : 0);
        refuse("holds an unknown parameter: " + std::string{text.substr(unknown.size())});
    }
    refuse("should be postgresql://user:password@host:port/database, special characters percent-encoded");
}

std::string libpq_url(std::string_view rest)
{
    const auto mark = rest.find('?');
    std::vector<std::string> parameters;
    if (mark != std::string_view::npos) {
        for (const auto part : std::views::split(rest.substr(mark + 1), '&')) {
            if (const std::string_view parameter{part.begin(), part.end()}; !parameter.empty()) {
                parameters.push_back(translate(parameter));
            }
        }
    }
    // A server that is gone without a word is noticed, whatever waits for it.
    constexpr std::array<std::string_view, 7> defaults{
        "connect_timeout=5",      "keepalives_idle=10",   "keepalives_interval=5",    "keepalives_count=3",
        "tcp_user_timeout=15000", "client_encoding=UTF8", "application_name=drukbox",
    };
    for (const auto setting : defaults) {
        const auto name = setting.substr(0, setting.find('=') + 1);
        if (std::ranges::none_of(parameters, [&](const auto& given) { return given.starts_with(name); })) {
            parameters.emplace_back(setting);
        }
    }
    auto url = "postgresql://" + escape_blanks(rest.substr(0, mark));
    char separator = '?';
    for (const auto& parameter : parameters) {
        url += separator + parameter;
        separator = '&';
    }
    check(url);
    return url;
}

} // namespace

DatabaseUrl DatabaseUrl::parse(std::string_view text)
{
    const auto end = text.find("://");
    auto scheme = text.substr(0, end);
    scheme = scheme.substr(0, scheme.find('+'));
    const auto rest = end == std::string_view::npos ? std::string_view{} : text.substr(end + 3);
    DatabaseUrl url;
    if (end != std::string_view::npos && scheme == "sqlite") {
        url.file_ = sqlite_file(rest);
    } else if (end != std::string_view::npos && (scheme == "postgresql" || scheme == "postgres")) {
        url.kind_ = DatabaseKind::postgresql;
        url.connection_ = Redacted{libpq_url(rest)};
    } else {
        refuse("should be sqlite:///path/to/file.db or postgresql://user:password@host/database");
    }
    return url;
}

} // namespace drukbox::service
