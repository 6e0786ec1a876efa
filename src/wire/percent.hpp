#pragma once

#include <string>
#include <string_view>

namespace drukbox::wire {

/// Percent-decoded; a `%` that begins no escape stands for itself.
[[nodiscard]] std::string percent_decode(std::string_view text);

/// All but unreserved characters escaped, and those in `plain`.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view plain = {});

} // namespace drukbox::wire
