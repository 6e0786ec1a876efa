#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drukbox::cli {

/// One word as a POSIX shell reads it back; quoted only where it must be.
[[nodiscard]] std::string shell_quote(std::string_view word);

/// Words as a shell command line.
[[nodiscard]] std::string shell_join(const std::vector<std::string>& words);

/// A file name as the value of an OpenSSH option that expands `%` tokens.
[[nodiscard]] std::string ssh_quote_path(std::string_view path);

} // namespace drukbox::cli
