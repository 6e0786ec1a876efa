#include "cli/duration.hpp"

#include "cli/failure.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace drukbox::cli {
namespace {

struct Unit
{
    char letter;
    std::int64_t seconds;
};

constexpr std::array<Unit, 4> units{{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr std::int64_t longest = 100LL * 366 * 86400;

[[noreturn]] void refuse(std::string_view text, const std::string& why)
{
    throw Failure(ExitCode::usage, "duration '" + std::string(text) + "': " + why,
                  "a duration is a number of seconds or, for example, 90s, 15m, 2h, 1d12h");
}

std::size_t unit_index(char letter)
{
    std::size_t index = 0;
    while (index < units.size() && units[index].letter != letter) {
        ++index;
    }
    return index;
}

} // namespace

std::chrono::seconds parse_duration(std::string_view text)
{
    if (text.empty()) {
        refuse(text, "it is empty");
    }

    std::int64_t total = 0;
    std::size_t next_unit = 0;
    for (std::string_view rest = text; !rest.empty();) {
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
        if (error == std::errc::invalid_argument || rest.front() == '-') {
            refuse(text, "expected a number at '" + std::string(rest) + "'");
        }
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));

        std::size_t unit = units.size() - 1;
        if (!rest.empty()) {
            unit = unit_index(rest.front());
            if (unit == units.size()) {
                refuse(text, "unknown unit '" + std::string(rest) + "' (d, h, m or s)");
            }
            if (unit < next_unit) {
                refuse(text, std::string("'") + rest.front() + "' is repeated or out of order");
            }
            rest.remove_prefix(1);
        } else if (next_unit != 0) {
            refuse(text, "the last number has no unit");
        }
        next_unit = unit + 1;
        if (error == std::errc::result_out_of_range || count > longest / units[unit].seconds ||
            (total += count * units[unit].seconds) > longest) {
            refuse(text, "it is longer than a hundred years");
        }
    }
    if (total == 0) {
        refuse(text, "it must be longer than zero");
    }
    return std::chrono::seconds(total);
}

std::string format_duration(std::chrono::seconds duration)
{
    const std::int64_t seconds = std::abs(duration.count());
    if (seconds >= 2 * 86400) {
        return std::to_string(seconds / 86400) + " d";
    }
    if (seconds >= 2 * 3600) {
        return std::to_string(seconds / 3600) + " h";
    }
    if (seconds >= 2 * 60) {
        return std::to_string(seconds / 60) + " min";
    }
    return std::to_string(seconds) + " s";
}

std::string format_relative(wire::Timestamp time, wire::Timestamp now)
{
    // Rounded, so that a lease of a day just given reads as 24 h and not as 23 h.
    const auto distance = std::chrono::round<std::chrono::seconds>(time - now);
    if (distance.count() == 0) {
        return "now";
    }
    return distance.count() > 0 ? "in " + format_duration(distance) : format_duration(distance) + " ago";
}

} // namespace drukbox::cli
