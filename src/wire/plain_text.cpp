#include "wire/plain_text.hpp"

#include "wire/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace drukbox::wire {

bool has_control_character(std::string_view text) noexcept
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) {
            return true;
        }
        // U+0080 to U+009F are two bytes.
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

bool is_field_name(std::string_view text) noexcept
{
    const auto fits = [](char c) {
        return is_alphanumeric(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, fits);
}

bool is_variable_name(std::string_view text) noexcept
{
    return !text.empty() && !is_digit(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_'; });
}

bool is_authority(std::string_view text) noexcept
{
    const bool literal = text.starts_with('[');
    const auto end = literal ? text.find(']') : text.find(':');
    if (literal && end == std::string_view::npos) {
        return false;
    }
    const std::string_view host = text.substr(0, end);
    std::string_view port =
        end == std::string_view::npos ? std::string_view{} : text.substr(end + (literal ? 1 : 0));
    if (port.starts_with(':')) {
        port.remove_prefix(1);
    } else if (!port.empty()) {
        return false;
    }
    std::uint16_t number = 0;
    const auto* last = port.data() + port.size();
    const auto [stop, error] = std::from_chars(port.data(), last, number);
    return host.size() > (literal ? 1U : 0U) && (port.empty() || (stop == last && error == std::errc{}));
}

} // namespace drukbox::wire
