#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace drukbox::http {

/// A point in time as header fields have it, `Sun, 06 Nov 1994 08:49:37 GMT`, whatever the locale. The day of
/// the week is not looked at. Nothing for any other form.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) noexcept;

} // namespace drukbox::http
