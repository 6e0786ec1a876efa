#pragma once

#include "http/server/channel.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

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

    /// Receives what is there without waiting.
    Channel::Progress receive(Channel& channel)
    {
        keep();
        const auto received = channel.receive(scratch_);
        if (received.progress == Channel::Progress::done) {
            const std::string_view fresh(scratch_.data(), received.bytes);
            if (kept_.empty()) {
                bytes_ = fresh;
            } else {
                bytes_ = kept_.append(fresh);
            }
        }
        return received.progress;
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
