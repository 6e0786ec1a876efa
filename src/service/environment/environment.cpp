#include "service/environment/environment.hpp"

#include "posix/unique_fd.hpp"
#include "service/environment/read.hpp"
#include "service/runtime/access.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <ranges>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

std::string upper(std::string_view text)
{
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return result;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_name(std::string_view text)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !text.empty() && letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// What stands behind the `=` of a `.env` line: quoted, or up to a ` #` comment. Nothing for an open quote.
std::optional<std::string> dotenv_value(std::string_view text)
{
    text = trim(text);
    if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
        if (const auto comment = text.find(" #"); comment != std::string_view::npos) {
            text = text.substr(0, comment);
        }
        return std::string{text.starts_with('#') ? std::string_view{} : trim(text)};
    }
    const char quote = text.front();
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == quote) {
            const auto rest = trim(text.substr(i + 1));
            return rest.empty() || rest.starts_with('#') ? std::optional{value} : std::nullopt;
        }
        if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            value += text[i] == 'n' ? '\n' : text[i];
        } else {
            value += text[i];
        }
    }
    return std::nullopt;
}

/// The text of a `.env`; nothing where there is none. It decides over tokens and images, so nobody but those
/// who start the service may have written it, whatever directory they start it in.
std::optional<std::string> read_dotenv(const std::string& path)
{
    // Not to wait for who writes into a pipe.
    const posix::UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    const int error = file ? 0 : errno;
    struct stat status{};
    // In a directory that may not be looked into there is no file for us.
    if (error == ENOENT || (error == EACCES && ::lstat(path.c_str(), &status) != 0)) {
        return std::nullopt;
    }
    constexpr std::string_view wanted = "should be a regular file, since settings are read from it";
    if (error == ELOOP) {
        throw SettingError(path, std::string{wanted} + ", not a symbolic link");
    }
    if (error != 0 || ::fstat(file.get(), &status) != 0) {
        throw SettingError(path, std::string{"cannot be read: "} + std::strerror(error != 0 ? error : errno));
    }
    if (!S_ISREG(status.st_mode)) {
        throw SettingError(path, wanted);
    }
    if (!is_ours(status)) {
        throw SettingError(path, describe_access(status) + ": " + wanted_owner() +
                                     ", since settings are read from it");
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        throw SettingError(path, describe_access(status) +
                                     ": nobody but its owner should be able to write it (chmod go-w), since "
                                     "settings are read from it");
    }
    return read_all(file.get(), path);
}

} // namespace

Environment Environment::of_process(const std::filesystem::path& directory)
{
    Environment environment;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        if (const auto equals = text.find('='); equals != std::string_view::npos) {
            environment.add(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    const auto path = directory / ".env";
    if (const auto text = read_dotenv(path.string())) {
        environment.add_dotenv(*text, path.string());
    }
    return environment;
}

bool Environment::add(std::string_view name, std::string_view value)
{
    return values_.emplace(upper(name), value).second;
}

void Environment::add_dotenv(std::string_view text, std::string_view origin)
{
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        auto line = trim(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        if (line.starts_with("export ")) {
            line = trim(line.substr(7));
        }
        const auto equals = line.find('=');
        const auto name = trim(line.substr(0, equals));
        const auto value =
            equals == std::string_view::npos ? std::nullopt : dotenv_value(line.substr(equals + 1));
        if (!is_name(name) || !value) {
            throw SettingError(std::string{origin} + " line " + std::to_string(number),
                               "should be NAME=value");
        }
        if (add(name, *value)) {
            from_dotenv_.push_back(upper(name));
        }
    }
}

std::optional<std::string> Environment::text(std::string_view name) const
{
    const auto found = values_.find(upper(name));
    if (found == values_.end() || trim(found->second).empty()) {
        return std::nullopt;
    }
    return std::string{trim(found->second)};
}

std::optional<std::string> Environment::secret(std::string_view name) const
{
    const auto variable = std::string{name} + "_FILE";
    const auto path = text(variable);
    if (!path) {
        return text(name);
    }
    if (text(name)) {
        throw SettingError(variable, "should not be set beside " + std::string{name});
    }
    std::ifstream file{*path};
    std::ostringstream content;
    content << file.rdbuf();
    if (!file) {
        throw SettingError(variable, *path + " cannot be read: " + std::strerror(errno));
    }
    const auto value = trim(content.view());
    return value.empty() ? std::nullopt : std::optional{std::string{value}};
}

std::optional<std::int64_t> Environment::integer(std::string_view name, std::int64_t least,
                                                 std::int64_t most) const
{
    const auto value = text(name);
    if (!value) {
        return std::nullopt;
    }
    std::int64_t result = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), result);
    if (error != std::errc{} || end != value->data() + value->size() || result < least || result > most) {
        auto range = most == std::numeric_limits<std::int64_t>::max()
                         ? "of at least " + std::to_string(least)
                         : "from " + std::to_string(least) + " to " + std::to_string(most);
        throw SettingError(name, "should be a whole number " + range + ", not '" + *value + "'");
    }
    return result;
}

std::optional<bool> Environment::flag(std::string_view name) const
{
    const auto value = text(name);
    if (!value) {
        return std::nullopt;
    }
    const auto word = upper(*value);
    if (word == "TRUE" || word == "1" || word == "YES" || word == "ON") {
        return true;
    }
    if (word == "FALSE" || word == "0" || word == "NO" || word == "OFF") {
        return false;
    }
    throw SettingError(name, "should be true or false, not '" + *value + "'");
}

std::optional<double> Environment::number(std::string_view name, double least) const
{
    const auto value = text(name);
    if (!value) {
        return std::nullopt;
    }
    double result = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), result);
    if (error != std::errc{} || end != value->data() + value->size() || !std::isfinite(result) ||
        result < least) {
        std::ostringstream bound;
        bound << least;
        throw SettingError(name, "should be a number of at least " + bound.str() + ", not '" + *value + "'");
    }
    return result;
}

bool Environment::has_any(std::string_view prefix) const
{
    const auto wanted = upper(prefix);
    return std::ranges::any_of(values_, [&](const auto& entry) {
        return entry.first.starts_with(wanted) && !trim(entry.second).empty();
    });
}

std::vector<std::string> split_list(std::string_view text)
{
    std::vector<std::string> list;
    for (const auto part : std::views::split(text, ',')) {
        if (const auto word = trim({part.begin(), part.end()}); !word.empty()) {
            list.emplace_back(word);
        }
    }
    return list;
}

} // namespace drukbox::service
