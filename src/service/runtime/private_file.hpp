#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace drukbox::service {

/// Reads a file that only its owner may read, or makes it, 0600 and on disk before it returns, from
/// `content`. Of several processes that do this at once all see one content. Throws SettingError with the
/// path.
[[nodiscard]] std::string read_or_create_private_file(const std::filesystem::path& path,
                                                      const std::function<std::string()>& content);

/// Makes a directory 0700, parents included, unless it is there. Throws SettingError.
void make_private_directory(const std::filesystem::path& path);

/// Throws SettingError for a directory that is there and open to others than its owner, or somebody else's.
/// `setting` names it.
void check_private_directory(std::string_view setting, const std::filesystem::path& path);

} // namespace drukbox::service
