#include "wire/json_text.hpp"

#include <cstddef>
#include <cstdint>

namespace drukbox::wire {
namespace {

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

bool is_continuation(std::uint8_t byte) noexcept
{
    return (byte & 0xc0) == 0x80;
}

// The length of the well-formed sequence of two to four bytes that `text` begins with, 0 when it begins with
// none (Unicode, table 3-7).
std::size_t multibyte_length(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    const std::uint8_t lead = byte(0);
    const std::uint8_t second = byte(1);
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

bool is_plain(char c) noexcept
{
    const auto byte = static_cast<std::uint8_t>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void append_escape(std::string& out, char c)
{
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\b':
        out += "\\b";
        break;
    case '\f':
        out += "\\f";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        out += "\\u00";
        out += digits[static_cast<std::uint8_t>(c) >> 4];
        out += digits[static_cast<std::uint8_t>(c) & 0x0f];
    }
}

} // namespace

void append_json_string(std::string& out, std::string_view text)
{
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain])) {
            ++plain;
        }
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        std::size_t taken = 1;
        if (static_cast<std::uint8_t>(text.front()) < 0x80) {
            append_escape(out, text.front());
        } else if (const std::size_t length = multibyte_length(text); length != 0) {
            out += text.substr(0, length);
            taken = length;
        } else {
            out += replacement_character;
        }
        text.remove_prefix(taken);
    }
    out += '"';
}

bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const bool ascii = static_cast<std::uint8_t>(text.front()) < 0x80;
        const std::size_t length = ascii ? 1 : multibyte_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

} // namespace drukbox::wire
