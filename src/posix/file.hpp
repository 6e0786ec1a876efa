#pragma once

#include "posix/unique_fd.hpp"

#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/types.h>

/// Small file operations for programs that run as root next to what is hostile: relative to a directory's
/// descriptor, never through a symbolic link, every failure a std::system_error that names the file.
namespace drukbox::posix {

[[nodiscard]] std::system_error failure(const std::string& what);

/// openat() with O_CLOEXEC.
[[nodiscard]] UniqueFd open_at(int directory, const std::string& path, int flags, mode_t mode = 0);

void make_directory(int directory, const std::string& path, mode_t mode);

void write_all(int fd, std::string_view data, const std::string& path);

/// Makes a file that must not exist yet, with exactly this mode.
void write_file(int directory, const std::string& path, std::string_view data, mode_t mode);

/// Writes to a file that exists, as those of the kernel's file systems do.
void write_existing(int directory, const std::string& path, std::string_view data);

/// The first 1 MB.
[[nodiscard]] std::string read_file(int directory, const std::string& path);

/// Removes what lies in a directory; never follows a link. `spare`: an entry to leave.
void remove_contents(int directory, const std::string& path, std::string_view spare = {});

} // namespace drukbox::posix
