#include "wire/utf8.hpp"

#include <cstdint>

namespace drukbox::wire {
namespace {

bool is_continuation(std::uint8_t byte) noexcept
{
    return (byte & 0xc0) == 0x80;
}

// The length of the well-formed sequence that `text` begins with, 0 when it begins with none (Unicode, table
// 3-7).
std::size_t length_of_first(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    const std::uint8_t lead = byte(0);
    const std::uint8_t second = byte(1);
    if (lead < 0x80) {
        return text.empty() ? 0 : 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return is_continuation(second) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool overlong = lead == 0xe0 && second < 0xa0;
        const bool surrogate = lead == 0xed && second > 0x9f;
        return is_continuation(second) && !overlong && !surrogate && is_continuation(byte(2)) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool overlong = lead == 0xf0 && second < 0x90;
        const bool too_large = lead == 0xf4 && second > 0x8f;
        return is_continuation(second) && !overlong && !too_large && is_continuation(byte(2)) &&
                       is_continuation(byte(3))
                   ? 4
                   : 0;
    }
    return 0;
}

} // namespace

Utf8Character first_character(std::string_view text) noexcept
{
    const std::size_t length = length_of_first(text);
    if (length == 0) {
        return {};
    }
    const auto lead = static_cast<std::uint8_t>(text.front());
    // The lead byte of n bytes has n ones and a zero on top.
    char32_t code_point = length == 1 ? lead : lead & (0x7fU >> length);
    for (const char c : text.substr(1, length - 1)) {
        code_point = code_point << 6U | (static_cast<std::uint8_t>(c) & 0x3fU);
    }
    return {code_point, length};
}

bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const std::size_t length = length_of_first(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

} // namespace drukbox::wire
