#include "http/date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace drukbox::http {
namespace {

std::optional<int> number(std::string_view digits) noexcept
{
    int value = 0;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::ranges::all_of(digits, is_digit)) {
        return std::nullopt;
    }
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::optional<std::chrono::month> month_named(std::string_view name) noexcept
{
    constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto* const found = std::ranges::find(names, name);
    return found == names.end()
               ? std::nullopt
               : std::optional{std::chrono::month{static_cast<unsigned>(found - names.begin() + 1)}};
}

} // namespace

std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) noexcept
{
    constexpr std::string_view form = "aaa, 00 aaa 0000 00:00:00 GMT";
    if (text.size() != form.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] != 'a' && form[i] != '0' && form[i] != text[i]) {
            return std::nullopt;
        }
    }
    const auto day = number(text.substr(5, 2));
    const auto month = month_named(text.substr(8, 3));
    const auto year = number(text.substr(12, 4));
    const auto hour = number(text.substr(17, 2));
    const auto minute = number(text.substr(20, 2));
    const auto second = number(text.substr(23, 2));
    if (!day || !month || !year || !hour || !minute || !second || *hour > 23 || *minute > 59 ||
        *second > 60) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{*year}, *month,
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

} // namespace drukbox::http
