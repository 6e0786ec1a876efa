#pragma once

#include "keeper/connection.hpp"
#include "keeper/event_loop.hpp"
#include "posix/unique_fd.hpp"

#include <cstdint>
#include <list>

namespace drukbox::keeper {

/// The sandbox's door: accepts on a port of 127.0.0.1, hands one end of a socketpair to the acceptor inside
/// and copies. No TCP socket ever goes in, and nothing that comes out is looked at.
class Relay
{
public:
    /// `sshd -i` has no MaxStartups, so the count of those who may not have authenticated yet is bounded
    /// here. An authenticated connection looks no different from outside, except that it is older than
    /// sshd's LoginGraceTime; so the bound is on the young ones, and the one that has said least goes first.
    static constexpr std::size_t most_young = 64;
    static constexpr std::chrono::seconds young_age{20}; ///< LoginGraceTime in the sandbox's sshd_config.
    static constexpr std::size_t most_connections = 256;

    explicit Relay(EventLoop& loop);

    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    ~Relay() { close(); }

    /// Connections wait in the listener's queue until this. `channel` leads to the acceptor.
    void open(int channel);

    /// Drops every connection and the port.
    void close();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    using Iterator = std::list<Connection>::iterator;

    void accept_all();
    void admit(posix::UniqueFd client);
    bool make_room();
    void advance(Iterator connection);
    void drop(Iterator connection);

    EventLoop& loop_;
    posix::UniqueFd listener_;
    int channel_ = -1;
    std::uint16_t port_ = 0;
    std::uint64_t last_id_ = 0;
    std::list<Connection> connections_; // oldest first
};

} // namespace drukbox::keeper
