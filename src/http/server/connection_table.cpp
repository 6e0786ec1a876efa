#include "http/server/connection_table.hpp"

#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace drukbox::http {
namespace {

std::uint64_t first_64_bits(const in6_addr& address) noexcept
{
    std::uint64_t bits = 0;
    std::memcpy(&bits, &address, sizeof bits);
    return bits;
}

std::uint64_t last_32_bits(const in6_addr& address) noexcept
{
    std::uint32_t bits = 0;
    std::memcpy(&bits, &address.s6_addr[12], sizeof bits);
    return bits;
}

} // namespace

PeerId peer_of(int fd) noexcept
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size);
    if (address.ss_family == AF_INET) {
        return {AF_INET, reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr};
    }
    if (address.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
        return IN6_IS_ADDR_V4MAPPED(&v6) ? PeerId{AF_INET, last_32_bits(v6)}
                                         : PeerId{AF_INET6, first_64_bits(v6)};
    }
    ucred user{};
    size = sizeof user;
    ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size);
    return {AF_UNIX, user.uid};
}

void ConnectionTable::add(Entry& entry, PeerId peer, Clock::time_point now)
{
    auto& of = peers_[peer];
    of.id = peer;
    ++of.connections;
    entry.peer_ = &of;
    entry.since_ = now;
    link(entry);
}

void ConnectionTable::remove(Entry& entry) noexcept
{
    unlink(entry);
    if (--entry.peer_->connections == 0) {
        peers_.erase(peers_.find(entry.peer_->id));
    }
}

void ConnectionTable::set(Entry& entry, Standing standing, Clock::time_point now) noexcept
{
    if (!is_stranger(entry.standing_) && standing != Standing::leaving) {
        return;
    }
    unlink(entry);
    entry.standing_ = standing;
    entry.since_ = now;
    link(entry);
}

std::size_t ConnectionTable::strangers(const PeerId& peer) const noexcept
{
    const auto found = peers_.find(peer);
    if (found == peers_.end()) {
        return 0;
    }
    const auto& lists = found->second.strangers;
    return lists[place(Standing::idle)].size() + lists[place(Standing::asking)].size();
}

ConnectionTable::Entry* ConnectionTable::first_to_go(Clock::time_point now) noexcept
{
    return choose(all_, now);
}

ConnectionTable::Entry* ConnectionTable::first_to_go(const PeerId& peer, Clock::time_point now) noexcept
{
    const auto found = peers_.find(peer);
    return found == peers_.end() ? nullptr : choose(found->second.strangers, now);
}

template <class Lists>
ConnectionTable::Entry* ConnectionTable::choose(Lists& lists, Clock::time_point now) const noexcept
{
    auto& idle = lists[place(Standing::idle)];
    auto& asking = lists[place(Standing::asking)];
    if (!idle.empty() && (asking.empty() || now - idle.front().since_ >= idle_limit_)) {
        return &idle.front();
    }
    return asking.empty() ? nullptr : &asking.front();
}

void ConnectionTable::link(Entry& entry) noexcept
{
    all_[place(entry.standing_)].push_back(entry);
    if (is_stranger(entry.standing_)) {
        entry.peer_->strangers[place(entry.standing_)].push_back(entry);
    }
}

void ConnectionTable::unlink(Entry& entry) noexcept
{
    auto& list = all_[place(entry.standing_)];
    list.erase(list.iterator_to(entry));
    if (is_stranger(entry.standing_)) {
        auto& strangers = entry.peer_->strangers[place(entry.standing_)];
        strangers.erase(strangers.iterator_to(entry));
    }
}

} // namespace drukbox::http
