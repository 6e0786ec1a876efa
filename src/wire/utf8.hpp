#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
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

/// Appends `text` to `out`: runs of bytes that `is_plain` as they are, whatever else by
/// `write(character, bytes)`. Plain may only be what is ASCII. Of what is no well-formed character, `bytes`
/// is the first byte.
template <class IsPlain, class Write>
void append_characters(std::string& out, std::string_view text, const IsPlain& is_plain, const Write& write)
{
    for (;;) {
        const auto* const end = std::find_if_not(text.begin(), text.end(), is_plain);
        const auto plain = static_cast<std::size_t>(end - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            return;
        }
        const Utf8Character next = first_character(text);
        const std::string_view bytes = text.substr(0, std::max<std::size_t>(next.length, 1));
        write(next, bytes);
        text.remove_prefix(bytes.size());
    }
}

/// Whether `text` is UTF-8 throughout.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

} // namespace drukbox::wire
