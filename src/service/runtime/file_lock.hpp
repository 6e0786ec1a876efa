#pragma once

#include <filesystem>
#include <optional>
#include <utility>

namespace drukbox::service {

/// A file that at most one process holds at a time. The kernel lets go of it when the process ends, however
/// it does.
class FileLock
{
public:
    FileLock(FileLock&& other) noexcept
        : fd_(std::exchange(other.fd_, -1))
    {
    }

    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

    /// Nothing when another process holds it. Throws SettingError when the file cannot be made.
    [[nodiscard]] static std::optional<FileLock> try_lock(const std::filesystem::path& path);

private:
    explicit FileLock(int fd)
        : fd_(fd)
    {
    }

    int fd_;
};

} // namespace drukbox::service
