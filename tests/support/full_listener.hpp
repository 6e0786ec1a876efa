#pragma once

#include "posix/unique_fd.hpp"
#include "support/scripted_server.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

namespace drukbox::test {

/// A listener whose queue is full, so that the next connection is never established.
class FullListener
{
public:
    FullListener()
    {
        ::listen(listener_.get(), 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < 3; ++i) {
            posix::UniqueFd filler(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            ::connect(filler.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
            fillers_.push_back(std::move(filler));
        }
    }

    FullListener(const FullListener&) = delete;
    FullListener& operator=(const FullListener&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

    /// Hands the socket over, to somebody who takes the connections off the queue.
    [[nodiscard]] posix::UniqueFd release()
    {
        fillers_.clear();
        return std::move(listener_);
    }

private:
    posix::UniqueFd listener_ = bound_to_loopback();
    std::uint16_t port_ = port_of(listener_);
    std::vector<posix::UniqueFd> fillers_;
};

} // namespace drukbox::test
