#pragma once

#include <algorithm>
#include <string>

/// What the locale has no say in.
namespace drukbox::wire {

[[nodiscard]] constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_lower(char c) noexcept
{
    return c >= 'a' && c <= 'z';
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept
{
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] inline std::string to_lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

} // namespace drukbox::wire
