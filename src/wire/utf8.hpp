#pragma once

#include <cstddef>
#include <string_view>

namespace drukbox::wire {

/// One character of a text in UTF-8.
struct Utf8Character
{
    char32_t code_point = 0;
    std::size_t length = 0; ///< In bytes; 0 when there is no well-formed character.
};

/// The character that `text` begins with.
[[nodiscard]] Utf8Character first_character(std::string_view text) noexcept;

/// Whether `text` is UTF-8 throughout.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

} // namespace drukbox::wire
