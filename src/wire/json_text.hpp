#pragma once

#include <string>
#include <string_view>

namespace drukbox::wire {

/// Appends `text` as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD, so that the result
/// always is.
void append_json_string(std::string& out, std::string_view text);

/// Whether `text` is UTF-8 throughout.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

} // namespace drukbox::wire
