#pragma once

#include "posix/unique_fd.hpp"

#include <string>
#include <string_view>

#include <sys/types.h>

namespace drukbox::http {

/// A listening socket: non-blocking, not inherited by child processes.
class Listener
{
public:
    /// See Server::listen() for the address, the mode and what is thrown.
    Listener(std::string_view address, mode_t unix_mode);
    Listener(Listener&&) = default;
    /// Removes the path of a Unix socket, if it is still this one's.
    ~Listener();

    /// The address in force, as Server::listen() returns it.
    [[nodiscard]] const std::string& address() const noexcept { return address_; }

    /// A new connection, non-blocking and not inherited; empty, with errno set, if there is none.
    [[nodiscard]] posix::UniqueFd accept() const noexcept;

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

private:
    void listen_tcp(std::string_view address);
    void listen_unix(std::string_view path, mode_t mode);

    posix::UniqueFd fd_;
    std::string address_;
    std::string path_; // of a Unix socket
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace drukbox::http
