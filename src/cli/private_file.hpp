#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace drukbox::cli {

/// Makes a directory for this user alone, its parents too where they are missing. Throws Failure.
void make_private_directory(const std::filesystem::path& directory);

/// Replaces a file as a whole, readable by this user alone: a reader sees the old content or the new, and so
/// does who comes after a crash. Throws Failure.
void write_private_file(const std::filesystem::path& path, std::string_view content);

/// The content of a small file. Throws std::system_error, so that a caller can tell a missing file from
/// others.
[[nodiscard]] std::string read_small_file(const std::filesystem::path& path);

} // namespace drukbox::cli
