#pragma once

#include "posix/unique_fd.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace drukbox::posix {

/// A file, 0600, that says something for as long as the process that wrote it lives and means it. The kernel
/// holds a lock on it that ends with the process, however that ends, so that nobody believes a file that was
/// left behind. At most one at a time may be made of a path.
class LivingFile
{
public:
    /// Readers see the file complete or not at all. Throws std::system_error.
    LivingFile(std::string path, std::string_view content);
    LivingFile(const LivingFile&) = delete;
    LivingFile& operator=(const LivingFile&) = delete;
    ~LivingFile();

    /// Nobody reads it from now on. May be called again.
    void take_back() noexcept;

private:
    std::string path_;
    UniqueFd fd_;
};

/// What a living process of this user says in such a file. Nothing where there is none, or where its writer
/// has ended or has taken it back. Throws std::system_error for a file that cannot be read, and for one that
/// another user has written or could write.
[[nodiscard]] std::optional<std::string> read_living_file(const std::string& path);

} // namespace drukbox::posix
