#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace drukbox::wire {

/// A point in time as records carry it: microseconds, UTC.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

[[nodiscard]] inline Timestamp now() noexcept
{
    return std::chrono::floor<Timestamp::duration>(std::chrono::system_clock::now());
}

/// RFC 3339 in UTC with `Z`; six fractional digits when they are not all zero, none otherwise.
[[nodiscard]] std::string format_timestamp(Timestamp time);

enum class TimestampFault
{
    malformed, ///< Not an RFC 3339 date and time, or a date that does not exist, or out of range.
    no_offset, ///< A date and time without `Z` or an offset.
};

/// Reads an RFC 3339 date and time with any offset; `t`, `z` and a space for the `T` are accepted, as are one
/// to nine fractional digits (cut off after six) and, as Python's isoformat() writes them, absent seconds.
[[nodiscard]] std::variant<Timestamp, TimestampFault> parse_timestamp(std::string_view text) noexcept;

} // namespace drukbox::wire
