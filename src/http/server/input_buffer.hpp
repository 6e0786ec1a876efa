#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/types.h>

namespace drukbox::http {

/// What was received and not yet consumed. Bytes are received into a scratch buffer that all connections
/// share, and looked at there; only what must wait is copied. So a connection that waits for a request holds
/// no memory.
class InputBuffer
{
public:
    explicit InputBuffer(std::span<char> scratch) noexcept
        : scratch_(scratch)
    {
    }

    InputBuffer(const InputBuffer&) = delete;
    InputBuffer& operator=(const InputBuffer&) = delete;

    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

    [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

    void consume(std::size_t count) noexcept { bytes_.remove_prefix(count); }

    /// Receives what is there without waiting. As recv(): the number of bytes, 0 at the end, -1 and errno.
    ssize_t receive(int fd)
    {
        keep();
        const ssize_t received = ::recv(fd, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
        if (received > 0) {
            const std::string_view fresh(scratch_.data(), static_cast<std::size_t>(received));
            if (kept_.empty()) {
                bytes_ = fresh;
            } else {
                bytes_ = kept_.append(fresh);
            }
        }
        return received;
    }

    /// To be called before anyone else may use the scratch buffer.
    void keep()
    {
        if (bytes_.size() == kept_.size()) {
            return; // all of it, or nothing
        }
        std::string(bytes_).swap(kept_); // a move into it might leave it the memory it has
        bytes_ = kept_;
    }

private:
    std::span<char> scratch_;
    std::string kept_;
    std::string_view bytes_;
};

} // namespace drukbox::http
