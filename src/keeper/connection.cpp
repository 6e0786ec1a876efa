#include "keeper/connection.hpp"

#include "keeper/event_loop.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

constexpr int rounds_per_turn = 16;

/// One for all connections: a keeper has one thread, and keeps no buffer for who is silent.
std::array<char, 64 * 1024> scratch; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

bool would_block()
{
    return errno == EAGAIN || errno == EINTR;
}

} // namespace

Connection::Copied Connection::copy(int from, int to, Direction& direction)
{
    for (int round = 0; round < rounds_per_turn; ++round) {
        if (!direction.pending.empty()) {
            const ssize_t sent = ::write(to, direction.pending.data(), direction.pending.size());
            if (sent < 0) {
                return would_block() ? Copied::all : Copied::failed;
            }
            direction.pending.erase(direction.pending.begin(), direction.pending.begin() + sent);
            if (direction.pending.empty()) {
                direction.pending.shrink_to_fit();
            }
            continue;
        }
        if (direction.ended) {
            return Copied::all;
        }
        const ssize_t got = ::read(from, scratch.data(), scratch.size());
        if (got < 0) {
            return would_block() ? Copied::all : Copied::failed;
        }
        direction.ended = got == 0;
        direction.copied += static_cast<std::uint64_t>(got);
        ssize_t sent = got > 0 ? ::write(to, scratch.data(), static_cast<std::size_t>(got)) : 0;
        if (sent < 0 && !would_block()) {
            return Copied::failed;
        }
        if (sent < 0) {
            sent = 0;
        }
        direction.pending.assign(scratch.data() + sent, scratch.data() + got);
    }
    return Copied::some;
}

bool Connection::pump()
{
    if (copy(from_guest_.get(), client_.get(), outward_) == Copied::failed) {
        return false;
    }
    if (outward_.done() && !std::exchange(client_told_, true)) {
        ::shutdown(client_.get(), SHUT_WR);
    }
    Copied inward = Copied::all;
    if (!done_inward()) {
        inward = copy(client_.get(), to_guest_.get(), inward_);
    }
    // What the guest had sent before it vanished is delivered even when nothing can be sent to it any more.
    if (inward == Copied::failed) {
        guest_gone_ = true;
    }
    if (outward_.done() && done_inward()) {
        return false;
    }
    return !client_gone_ || inward == Copied::some;
}

short Connection::client_events() const noexcept
{
    short events = 0;
    if (!done_inward() && !inward_.ended && inward_.pending.empty()) {
        events |= POLLIN;
    }
    if (!outward_.pending.empty()) {
        events |= POLLOUT;
    }
    return events;
}

short Connection::to_guest_events() const noexcept
{
    return inward_.pending.empty() ? 0 : POLLOUT;
}

short Connection::from_guest_events() const noexcept
{
    return !outward_.ended && outward_.pending.empty() ? POLLIN : EventLoop::nothing;
}

} // namespace drukbox::keeper
