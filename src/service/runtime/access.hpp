#pragma once

#include <string>

#include <sys/stat.h>

/// Who may do what with a file or a directory, by what fstat() says of its open descriptor: what is asked by
/// name may be another file a moment later.
namespace drukbox::service {

/// It belongs to root or to the user that this process runs as.
[[nodiscard]] bool is_ours(const struct stat& status);

/// `has mode 0777 and belongs to uid 1000`.
[[nodiscard]] std::string describe_access(const struct stat& status);

/// Whose it should be: `it should belong to uid 998, which the service runs as, or to root`.
[[nodiscard]] std::string wanted_owner();

/// What a descriptor gives up to its end. Throws SettingError with the path.
[[nodiscard]] std::string read_all(int fd, const std::string& path);

} // namespace drukbox::service
