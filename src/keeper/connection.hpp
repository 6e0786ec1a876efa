#pragma once

#include "posix/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace drukbox::keeper {

/// One TCP connection and the socket that leads into the sandbox: bytes are copied both ways, an end of
/// stream is passed on in its own direction. Knows no event loop: pump() whenever something may have changed.
class Connection
{
public:
    enum class State
    {
        waiting, ///< Nothing to do until a descriptor changes.
        busy,    ///< More to copy; others may go first.
        over,
    };

    using Clock = std::chrono::steady_clock;

    Connection(std::uint64_t id, posix::UniqueFd client, posix::UniqueFd guest)
        : id_(id)
        , client_(std::move(client))
        , guest_(std::move(guest))
    {
    }

    [[nodiscard]] State pump();

    /// The other end of the guest's socket is closed altogether: what it sent is still delivered.
    void guest_hung_up() noexcept { guest_gone_ = true; }

    /// The client can neither send nor receive any more.
    void client_hung_up() noexcept { client_gone_ = true; }

    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

    [[nodiscard]] int client() const noexcept { return client_.get(); }

    [[nodiscard]] int guest() const noexcept { return guest_.get(); }

    [[nodiscard]] Clock::time_point accepted_at() const noexcept { return accepted_at_; }

    [[nodiscard]] std::uint64_t bytes_from_client() const noexcept { return inward_.copied; }

private:
    class Direction
    {
    public:
        Direction() = default;

        std::vector<char> pending; ///< Read, not yet written; empty in nearly every moment.
        std::uint64_t copied = 0;
        bool ended = false;     ///< The source has no more.
        bool passed_on = false; ///< And the destination knows.
    };

    static State pump(int from, int to, Direction& direction);

    std::uint64_t id_;
    posix::UniqueFd client_;
    posix::UniqueFd guest_;
    Direction inward_;
    Direction outward_;
    bool guest_gone_ = false;
    bool client_gone_ = false;
    Clock::time_point accepted_at_ = Clock::now();
};

} // namespace drukbox::keeper
