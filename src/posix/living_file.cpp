#include "posix/living_file.hpp"

#include "posix/file.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::posix {
namespace {

constexpr std::size_t most_bytes = 4096;

struct flock whole_file(short type)
{
    struct flock lock{};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

/// A lock of the open file, not of the process: it is seen from within the process as well.
void lock_file(int fd, const std::string& path)
{
    auto lock = whole_file(F_WRLCK);
    if (::fcntl(fd, F_OFD_SETLK, &lock) != 0) {
        throw failure(path);
    }
}

/// Only looks: a reader that took a lock would pass for a writer.
bool is_locked(int fd, const std::string& path)
{
    auto lock = whole_file(F_RDLCK);
    if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) {
        throw failure(path);
    }
    return lock.l_type != F_UNLCK;
}

void check_owner(int fd, const std::string& path)
{
    struct stat status{};
    if (::fstat(fd, &status) != 0) {
        throw failure(path);
    }
    const bool ours = status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if (!ours || !S_ISREG(status.st_mode)) {
        throw std::system_error(EPERM, std::system_category(), path);
    }
}

std::string content_of(int fd, const std::string& path)
{
    std::array<char, most_bytes> buffer{};
    const ssize_t count = ::pread(fd, buffer.data(), buffer.size(), 0);
    if (count < 0) {
        throw failure(path);
    }
    return {buffer.data(), static_cast<std::size_t>(count)};
}

} // namespace

LivingFile::LivingFile(std::string path, std::string_view content)
    : path_(std::move(path))
{
    // Locked before it has its name, or a reader could come in between.
    const std::string unnamed = path_ + ".new";
    ::unlink(unnamed.c_str());
    fd_ = open_at(AT_FDCWD, unnamed, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    try {
        lock_file(fd_.get(), unnamed);
        write_all(fd_.get(), content, unnamed);
        if (::rename(unnamed.c_str(), path_.c_str()) != 0) {
            throw failure(path_);
        }
    } catch (const std::system_error&) {
        ::unlink(unnamed.c_str());
        throw;
    }
}

LivingFile::~LivingFile()
{
    take_back();
}

void LivingFile::take_back() noexcept
{
    if (!fd_) {
        return;
    }
    // Emptied too, for who has opened it already.
    (void)!::ftruncate(fd_.get(), 0);
    ::unlink(path_.c_str());
    fd_.reset();
}

std::optional<std::string> read_living_file(const std::string& path)
{
    // A FIFO in its place must not hold anybody up.
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && errno == ENOENT) {
        return std::nullopt;
    }
    if (!fd) {
        throw failure(path);
    }
    check_owner(fd.get(), path);
    std::string content = content_of(fd.get(), path);
    // Last, so that what was read is what its writer still meant afterwards.
    if (content.empty() || !is_locked(fd.get(), path)) {
        return std::nullopt;
    }
    return content;
}

} // namespace drukbox::posix
