#include "wire/json_text.hpp"

#include "wire/printable_text.hpp"
#include "wire/utf8.hpp"

#include <cstdint>

namespace drukbox::wire {
namespace {

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

bool is_plain(char c) noexcept
{
    const auto byte = static_cast<std::uint8_t>(c);
    return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

void append_unit(std::string& out, std::uint32_t unit)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += digits[unit >> shift & 0xfU];
    }
}

void append_escape(std::string& out, char32_t c)
{
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
        if (c <= 0xffff) {
            append_unit(out, c);
        } else {
            append_unit(out, 0xd7c0 + (c >> 10U));
            append_unit(out, 0xdc00 + (c & 0x3ffU));
        }
    }
}

// Whether a character is written as an escape.
bool is_escaped(char32_t c, Escapes escapes) noexcept
{
    return c < 0x20 || c == '"' || c == '\\' || (escapes == Escapes::unprintable && is_unprintable(c));
}

} // namespace

void append_json_string(std::string& out, std::string_view text, Escapes escapes)
{
    out += '"';
    append_characters(out, text, is_plain,
                      [&out, escapes](const Utf8Character& next, std::string_view bytes) {
                          if (next.length == 0) {
                              out += replacement_character;
                          } else if (is_escaped(next.code_point, escapes)) {
                              append_escape(out, next.code_point);
                          } else {
                              out += bytes;
                          }
                      });
    out += '"';
}

} // namespace drukbox::wire
