#pragma once

#include <string>
#include <string_view>

namespace drukbox::wire {

/// Appends `text` as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD, so that the result
/// always is; what printable() would not show as it is becomes an escape of JSON, which means the same.
void append_json_string(std::string& out, std::string_view text);

} // namespace drukbox::wire
