#pragma once

#include "wire/timestamp.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace drukbox::cli {

/// Reads `90` (seconds), `90s`, `15m`, `2h`, `1d12h`: whole numbers with the units d, h, m, s in that order,
/// each once at most, a sum greater than zero and of a hundred years at most. Throws Failure (usage) that
/// names the bad part.
[[nodiscard]] std::chrono::seconds parse_duration(std::string_view text);

/// `12 s`, `5 min`, `23 h`, `3 d`: rounded down, the largest unit of which there are at least two, or one
/// second.
[[nodiscard]] std::string format_duration(std::chrono::seconds duration);

/// `in 23 h`, `5 min ago`, `now`.
[[nodiscard]] std::string format_relative(wire::Timestamp time, wire::Timestamp now);

} // namespace drukbox::cli
