#include "service/remote/throttle.hpp"

#include "http/date.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace drukbox::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

// A relative time is never as long as this, and a Unix time always is.
constexpr std::int64_t least_unix_time = 1'000'000'000;
constexpr seconds longest_wait{24 * 3600};

std::optional<std::int64_t> whole_number(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && (end == text.data() + text.size() || *end == '.');
    return whole && number >= 0 ? std::optional{number} : std::nullopt;
}

milliseconds until(std::int64_t unix_time, system_clock::time_point now)
{
    const auto now_seconds = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
    // The server counts whole seconds.
    return seconds{std::max<std::int64_t>(0, unix_time - now_seconds) + 1};
}

std::optional<milliseconds> told(const http::Headers& headers, system_clock::time_point now)
{
    for (const auto* name : {"Retry-After", "RateLimit-Reset"}) {
        const auto value = headers.find(name);
        if (!value) {
            continue;
        }
        if (const auto number = whole_number(*value)) {
            if (*number >= least_unix_time) {
                return until(*number, now);
            }
            return seconds{std::min<std::int64_t>(*number, longest_wait.count())};
        }
        if (const auto date = http::parse_date(*value)) {
            return until(date->time_since_epoch().count(), now);
        }
    }
    return std::nullopt;
}

} // namespace

milliseconds told_to_wait(const http::Headers& headers, system_clock::time_point now, std::size_t attempts)
{
    if (const auto wait = told(headers, now)) {
        return std::clamp<milliseconds>(*wait, milliseconds{100}, longest_wait);
    }
    return milliseconds{500} * (1U << std::min<std::size_t>(attempts, 6));
}

} // namespace drukbox::service
