#pragma once

#include "posix/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace drukbox::keeper {

/// One TCP connection and the two pipes that lead into the sandbox and out of it: bytes are copied both ways,
/// an end of stream is passed on in its own direction. Pipes, because whatever is read from a socket may
/// bring descriptors along, and closing one of those takes as long as who sent it likes.
///
/// Knows no event loop: after pump(), the descriptors are to be watched for what the functions say.
class Connection
{
public:
    using Clock = std::chrono::steady_clock;

    /// None of the descriptors may block. `peer` is who is at the other end, see peer.hpp.
    Connection(posix::UniqueFd client, posix::UniqueFd to_guest, posix::UniqueFd from_guest,
               std::int64_t peer)
        : client_(std::move(client))
        , to_guest_(std::move(to_guest))
        , from_guest_(std::move(from_guest))
        , peer_(peer)
    {
    }

    /// Copies what can be copied now, up to a limit, so that others get their turn. False when it is over.
    [[nodiscard]] bool pump();

    /// Nobody inside can read what is sent there any more. What was sent from there is still delivered.
    void guest_hung_up() noexcept { guest_gone_ = true; }

    /// The client can neither send nor receive any more.
    void client_hung_up() noexcept { client_gone_ = true; }

    [[nodiscard]] int client() const noexcept { return client_.get(); }

    [[nodiscard]] int to_guest() const noexcept { return to_guest_.get(); }

    [[nodiscard]] int from_guest() const noexcept { return from_guest_.get(); }

    /// Events of poll().
    [[nodiscard]] short client_events() const noexcept;
    [[nodiscard]] short to_guest_events() const noexcept;
    [[nodiscard]] short from_guest_events() const noexcept;

    /// True once nothing will be sent to the guest any more. It learns of it by close_to_guest().
    [[nodiscard]] bool done_inward() const noexcept { return inward_.done() || guest_gone_; }

    void close_to_guest() noexcept { to_guest_.reset(); }

    [[nodiscard]] Clock::time_point accepted_at() const noexcept { return accepted_at_; }

    [[nodiscard]] std::uint64_t bytes_from_client() const noexcept { return inward_.copied; }

    [[nodiscard]] std::int64_t peer() const noexcept { return peer_; }

private:
    enum class Copied
    {
        all, ///< That can be copied now.
        some,
        failed,
    };

    class Direction
    {
    public:
        Direction() = default;

        [[nodiscard]] bool done() const noexcept { return ended && pending.empty(); }

        std::vector<char> pending; ///< Read, not yet written; empty in nearly every moment.
        std::uint64_t copied = 0;
        bool ended = false; ///< The source has no more.
    };

    static Copied copy(int from, int to, Direction& direction);

    posix::UniqueFd client_;
    posix::UniqueFd to_guest_;
    posix::UniqueFd from_guest_;
    std::int64_t peer_;
    Direction inward_;
    Direction outward_;
    bool client_told_ = false; ///< That the guest will send no more.
    bool guest_gone_ = false;
    bool client_gone_ = false;
    Clock::time_point accepted_at_ = Clock::now();
};

} // namespace drukbox::keeper
