#pragma once

#include <string>
#include <string_view>

namespace drukbox::wire {

/// Whether a character does something else than being seen: it commands a terminal, ends a line, turns the
/// direction of what follows, or hides.
[[nodiscard]] bool is_unprintable(char32_t code_point) noexcept;

/// Text from elsewhere for one line of a terminal or a log. What is unprintable or no UTF-8 stands there as
/// an escape: `\n`, `\t`, `\x1b` for a byte, `\u202e` and `\U000e0001` for a character. All else stays as it
/// is, backslashes too, so that text that went through once does not change again.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace drukbox::wire
