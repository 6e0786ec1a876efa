#include "service/providers/local/subordinate_ids.hpp"

#include "posix/file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

struct Range
{
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

std::optional<std::uint32_t> number(std::string_view text)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// Lines are `USER:FIRST:COUNT`, the user by name or number. None of them may lead to root.
Range range_of(std::string_view name, std::uint32_t uid, const std::string& text)
{
    const std::string by_number = std::to_string(uid);
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        const auto first_colon = line.find(':');
        const auto second_colon = line.find(':', first_colon + 1);
        if (first_colon == std::string::npos || second_colon == std::string::npos) {
            continue;
        }
        const std::string_view fields{line};
        const std::string_view user = fields.substr(0, first_colon);
        const auto first = number(fields.substr(first_colon + 1, second_colon - first_colon - 1));
        const auto count = number(fields.substr(second_colon + 1));
        if ((user == name || user == by_number) && first.value_or(0) != 0 && count.value_or(0) != 0) {
            return {*first, *count};
        }
    }
    return {};
}

std::string text_of(const char* path)
{
    try {
        return posix::read_file(AT_FDCWD, path);
    } catch (const std::system_error&) {
        return {}; // not there, or not for us: no range
    }
}

std::string name_of_this_user()
{
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? found->pw_name : std::string{};
}

} // namespace

SubordinateIds SubordinateIds::of(std::string_view name, std::uint32_t uid, const std::string& subuid,
                                  const std::string& subgid)
{
    const Range uids = range_of(name, uid, subuid);
    const Range gids = range_of(name, uid, subgid);
    SubordinateIds ids;
    ids.first_uid = uids.first;
    ids.first_gid = gids.first;
    ids.count = std::min(uids.count, gids.count);
    return ids;
}

SubordinateIds SubordinateIds::find()
{
    return of(name_of_this_user(), ::geteuid(), text_of("/etc/subuid"), text_of("/etc/subgid"));
}

} // namespace drukbox::service::local
