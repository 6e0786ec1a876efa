#pragma once

#include "service/environment/environment.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// A hundred years: what is longer is a mistake, and still fits a 64-bit count of microseconds.
inline constexpr std::int64_t longest_seconds = 100LL * 366 * 24 * 3600;

/// Overwrites `value` with the setting when there is one. Throws SettingError.
template <class Rep, class Period>
void read(const Environment& environment, std::string_view name, std::chrono::duration<Rep, Period>& value,
          std::int64_t least)
{
    using Duration = std::chrono::duration<Rep, Period>;
    const auto most = std::chrono::duration_cast<Duration>(std::chrono::seconds{longest_seconds}).count();
    if (const auto given = environment.integer(name, least, most)) {
        value = Duration{*given};
    }
}

template <std::integral Integer>
void read(const Environment& environment, std::string_view name, Integer& value, std::int64_t least,
          std::int64_t most)
{
    if (const auto given = environment.integer(name, least, most)) {
        value = static_cast<Integer>(*given);
    }
}

inline void read(const Environment& environment, std::string_view name, std::string& value)
{
    if (auto given = environment.text(name)) {
        value = std::move(*given);
    }
}

/// The parts between commas, trimmed, blank ones dropped.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

} // namespace drukbox::service
