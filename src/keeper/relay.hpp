#pragma once

#include "keeper/connection.hpp"
#include "keeper/event_loop.hpp"
#include "keeper/peer.hpp"
#include "posix/unique_fd.hpp"

#include <cstdint>
#include <list>

namespace drukbox::keeper {

/// The sandbox's door, in a process of its own: accepts on a port of 127.0.0.1, hands the ends of two pipes
/// to the acceptor inside and copies. No TCP socket ever goes in, and nothing that comes out is looked at or
/// can be more than bytes. Whatever a connection cannot get, a descriptor or a place in the acceptor's queue,
/// ends that connection only.
class Relay
{
public:
    /// `sshd -i` has no MaxStartups, so the count of those who may not have authenticated yet is bounded
    /// here. An authenticated connection looks no different from outside, except that it is older than
    /// sshd's LoginGraceTime; so the bound is on the young ones. Who has most of them makes room for a
    /// newcomer, with the one that has said least: a stranger on this machine gets in nobody's way but its
    /// own.
    static constexpr std::size_t most_young = 64;
    static constexpr std::chrono::seconds young_age{20}; ///< LoginGraceTime in the sandbox's sshd_config.
    static constexpr std::size_t most_connections = 256; ///< Fewer where descriptors are few.

    /// `channel` leads to the acceptor.
    Relay(EventLoop& loop, posix::UniqueFd listener, posix::UniqueFd channel);

    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

private:
    using Iterator = std::list<Connection>::iterator;

    void accept_all();
    void admit(posix::UniqueFd client, std::int64_t peer);
    bool make_room(std::int64_t newcomer);
    void advance(Iterator connection);
    void drop(Iterator connection);

    EventLoop& loop_;
    posix::UniqueFd listener_;
    posix::UniqueFd channel_;
    PeerLookup peers_;
    std::list<Connection> connections_; // oldest first
};

} // namespace drukbox::keeper
