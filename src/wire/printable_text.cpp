#include "wire/printable_text.hpp"

#include "wire/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace drukbox::wire {
namespace {

struct Range
{
    char32_t first;
    char32_t last;
};

// In order. U+200C and U+200D stay: Persian and emoji need them, and they hide nothing.
constexpr std::array<Range, 12> unprintable{{
    {0x0000, 0x001f},   // C0
    {0x007f, 0x009f},   // DEL, C1
    {0x00ad, 0x00ad},   // soft hyphen
    {0x061c, 0x061c},   // Arabic letter mark
    {0x180e, 0x180e},   // Mongolian vowel separator
    {0x200b, 0x200b},   // zero width space
    {0x200e, 0x200f},   // marks of direction
    {0x2028, 0x202e},   // separators of lines and paragraphs, embeddings and overrides of direction
    {0x2060, 0x206f},   // word joiner, invisible operators, isolates of direction
    {0xfeff, 0xfeff},   // zero width no-break space
    {0xfff9, 0xfffb},   // interlinear annotations
    {0xe0000, 0xe007f}, // tags
}};

bool is_plain(char c) noexcept
{
    return c >= 0x20 && c < 0x7f;
}

void append_hex(std::string& out, std::uint32_t value, int digits)
{
    constexpr std::string_view hex = "0123456789abcdef";
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        out += hex[value >> shift & 0xfU];
    }
}

void append_byte(std::string& out, char c)
{
    out += "\\x";
    append_hex(out, static_cast<std::uint8_t>(c), 2);
}

void append_escape(std::string& out, char32_t code_point)
{
    if (code_point == '\n') {
        out += "\\n";
    } else if (code_point == '\r') {
        out += "\\r";
    } else if (code_point == '\t') {
        out += "\\t";
    } else if (code_point < 0x80) {
        append_byte(out, static_cast<char>(code_point));
    } else if (code_point <= 0xffff) {
        out += "\\u";
        append_hex(out, code_point, 4);
    } else {
        out += "\\U";
        append_hex(out, code_point, 8);
    }
}

} // namespace

bool is_unprintable(char32_t code_point) noexcept
{
    const auto* const range = std::ranges::lower_bound(unprintable, code_point, {}, &Range::last);
    return range != unprintable.end() && range->first <= code_point;
}

std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    append_characters(out, text, is_plain, [&out](const Utf8Character& next, std::string_view bytes) {
        if (next.length == 0) {
            append_byte(out, bytes.front());
        } else if (is_unprintable(next.code_point)) {
            append_escape(out, next.code_point);
        } else {
            out += bytes;
        }
    });
    return out;
}

} // namespace drukbox::wire
