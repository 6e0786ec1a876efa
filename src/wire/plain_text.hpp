#pragma once

#include <string_view>

/// What a text may hold that ends up in a command line, a header or a script: one rule for the service and
/// for the fake one.
namespace drukbox::wire {

/// Whether there is a control character in UTF-8: below U+0020, or from U+007F to U+009F, line ends among
/// them.
[[nodiscard]] bool has_control_character(std::string_view text) noexcept;

/// The name of a header field, RFC 9110.
[[nodiscard]] bool is_field_name(std::string_view text) noexcept;

/// The name of an environment variable.
[[nodiscard]] bool is_variable_name(std::string_view text) noexcept;

/// Whether what follows the scheme of a URL is a host and, where there is one, a port.
[[nodiscard]] bool is_authority(std::string_view text) noexcept;

} // namespace drukbox::wire
