#pragma once

#include <utility>

#include <unistd.h>

namespace drukbox::posix {

/// A file descriptor that is closed with its owner.
class UniqueFd
{
public:
    UniqueFd() = default;

    explicit UniqueFd(int fd) noexcept
        : fd_(fd)
    {
    }

    UniqueFd(UniqueFd&& other) noexcept
        : fd_(other.release())
    {
    }

    UniqueFd& operator=(UniqueFd&& other) noexcept
    {
        reset(other.release());
        return *this;
    }

    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    void reset(int fd = -1) noexcept
    {
        if (const int old = std::exchange(fd_, fd); old >= 0) {
            ::close(old);
        }
    }

private:
    int fd_ = -1;
};

} // namespace drukbox::posix
