#pragma once

#include <string>
#include <string_view>

namespace drukbox::wire {

/// What of a text becomes an escape of JSON, which means the same.
enum class Escapes
{
    needed,      ///< What JSON requires: the bytes that the published clients send.
    unprintable, ///< What printable() would not show as it is, too.
};

/// Appends `text` as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD, so that the result
/// always is.
void append_json_string(std::string& out, std::string_view text, Escapes escapes = Escapes::unprintable);

} // namespace drukbox::wire
