#pragma once

#include <string>
#include <string_view>

namespace drukbox::service::api {

/// Percent-decoded; a `%` that begins no escape stands for itself.
[[nodiscard]] std::string percent_decode(std::string_view text);

/// All but unreserved characters escaped.
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace drukbox::service::api
