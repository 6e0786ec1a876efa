#include "keeper/connection.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>

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

Connection::State Connection::pump(int from, int to, Direction& direction)
{
    for (int round = 0; round < rounds_per_turn; ++round) {
        if (!direction.pending.empty()) {
            const ssize_t sent =
                ::send(to, direction.pending.data(), direction.pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0)
                return would_block() ? State::waiting : State::over;
            direction.pending.erase(direction.pending.begin(), direction.pending.begin() + sent);
            if (direction.pending.empty())
                direction.pending.shrink_to_fit();
            continue;
        }
        if (direction.ended) {
            if (!direction.passed_on)
                ::shutdown(to, SHUT_WR);
            direction.passed_on = true;
            return State::waiting;
        }
        // Without a control buffer, descriptors that the guest may have attached are dropped by the kernel.
        const ssize_t got = ::recv(from, scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (got < 0)
            return would_block() ? State::waiting : State::over;
        direction.ended = got == 0;
        direction.copied += static_cast<std::uint64_t>(got);
        ssize_t sent =
            got > 0 ? ::send(to, scratch.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL | MSG_DONTWAIT)
                    : 0;
        if (sent < 0 && !would_block())
            return State::over;
        if (sent < 0)
            sent = 0;
        direction.pending.assign(scratch.data() + sent, scratch.data() + got);
    }
    return State::busy;
}

Connection::State Connection::pump()
{
    const State outward = pump(guest_.get(), client_.get(), outward_);
    if (outward == State::over)
        return State::over;
    State inward = State::waiting;
    if (!guest_gone_)
        inward = pump(client_.get(), guest_.get(), inward_);
    // What the guest had sent before it vanished is delivered even when nothing can be sent to it any more.
    if (inward == State::over)
        guest_gone_ = true;
    if (outward_.passed_on && (guest_gone_ || inward_.passed_on))
        return State::over;
    if (client_gone_ && inward != State::busy)
        return State::over;
    return inward == State::busy || outward == State::busy ? State::busy : State::waiting;
}

} // namespace drukbox::keeper
