#pragma once

#include "posix/unique_fd.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>

namespace drukbox::http {

/// Ends the sleep of the thread that polls fd(). Unlike curl's own it may be used while the multi handle
/// goes, and so outside any lock: who wakes up inside one would run into it.
class Wakeup
{
public:
    Wakeup()
        : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        if (!fd_) {
            throw std::system_error(errno, std::generic_category(), "eventfd");
        }
    }

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Any thread.
    void signal() noexcept { static_cast<void>(::eventfd_write(fd_.get(), 1)); }

    /// Takes every signal so far.
    void clear() noexcept
    {
        eventfd_t count = 0;
        static_cast<void>(::eventfd_read(fd_.get(), &count));
    }

private:
    posix::UniqueFd fd_;
};

} // namespace drukbox::http
