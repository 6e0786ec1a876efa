#pragma once

#include "service/base/redacted.hpp"

#include <map>
#include <string>
#include <string_view>

namespace drukbox::service {

/// `text` as one word of a POSIX shell, which stands for exactly that text.
[[nodiscard]] std::string shell_quoted(std::string_view text);

/// One `export NAME='value'` line for each variable.
[[nodiscard]] Redacted export_lines(const std::map<std::string, Redacted>& env);

/// A setup script with the caller's variables put in front of it, behind its shebang. One without a shebang
/// gets `#!/bin/sh`: cloud-init runs nothing else.
[[nodiscard]] Redacted with_exports(std::string_view script, const std::map<std::string, Redacted>& env);

} // namespace drukbox::service
