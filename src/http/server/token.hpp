#pragma once

#include <string_view>

namespace drukbox::http {

/// Whether a character may stand in a token: a method, the name of a field; RFC 9110, 5.6.2.
[[nodiscard]] constexpr bool is_token(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

} // namespace drukbox::http
