#include "sdk/retry_after.hpp"

#include "http/date.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace drukbox::sdk {

using std::chrono::seconds;

std::optional<seconds> retry_after(const http::Headers& headers, std::chrono::system_clock::time_point now)
{
    // More is a mistake, and would not fit into every duration it is added to.
    constexpr seconds longest = std::chrono::days{366};
    const auto value = headers.find("Retry-After");
    if (!value) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const char* const end = value->data() + value->size();
    const auto [rest, error] = std::from_chars(value->data(), end, number);
    seconds wait{number};
    if (error != std::errc{} || rest != end) {
        const auto date = http::parse_date(*value);
        if (!date) {
            return std::nullopt;
        }
        wait = std::max(seconds::zero(), *date - std::chrono::floor<seconds>(now));
    }
    return wait < seconds::zero() || wait > longest ? std::nullopt : std::optional{wait};
}

} // namespace drukbox::sdk
