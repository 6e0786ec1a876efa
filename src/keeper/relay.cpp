#include "keeper/relay.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

using posix::UniqueFd;

/// False when the acceptor's queue is full or the acceptor gone, or when too many descriptors are on their
/// way.
bool hand_over(int channel, const std::array<int, 2>& pipes)
{
    char byte = 'c';
    iovec data{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(pipes))> control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(pipes));
    std::memcpy(CMSG_DATA(header), pipes.data(), sizeof(pipes));
    return ::sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

/// As many connections as there are descriptors for, with some left for everything else.
std::size_t room()
{
    constexpr rlim_t everything_else = 64;
    constexpr rlim_t each = 3;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const rlim_t most = files.rlim_cur > everything_else ? (files.rlim_cur - everything_else) / each : 0;
    return std::min<std::size_t>(most, Relay::most_connections);
}

} // namespace

Relay::Relay(EventLoop& loop, UniqueFd listener, UniqueFd channel)
    : loop_(loop)
    , listener_(std::move(listener))
    , channel_(std::move(channel))
{
    loop_.add(listener_.get(), POLLIN, [this](short) { accept_all(); });
}

void Relay::accept_all()
{
    constexpr std::chrono::milliseconds moment{100};
    for (int round = 0; round < 64; ++round) {
        UniqueFd client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!client) {
            // It would be readable again at once.
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                loop_.pause(listener_.get(), moment);
            }
            return;
        }
        const std::int64_t peer = peers_.uid_of(client.get());
        if (make_room(peer)) {
            admit(std::move(client), peer);
        }
    }
}

void Relay::admit(UniqueFd client, std::int64_t peer)
{
    std::array<int, 2> inward{};
    if (::pipe2(inward.data(), O_CLOEXEC) != 0) {
        return;
    }
    const UniqueFd guest_reads{inward[0]};
    UniqueFd to_guest{inward[1]};
    std::array<int, 2> outward{};
    if (::pipe2(outward.data(), O_CLOEXEC) != 0) {
        return;
    }
    UniqueFd from_guest{outward[0]};
    const UniqueFd guest_writes{outward[1]};
    for (const int ours : {to_guest.get(), from_guest.get()}) {
        ::fcntl(ours, F_SETFL, O_NONBLOCK);
    }
    if (!hand_over(channel_.get(), {guest_reads.get(), guest_writes.get()})) {
        return;
    }
    // The client's keystrokes must not wait for each other, and a client that vanished must be noticed.
    const int on = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(client.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));

    connections_.emplace_back(std::move(client), std::move(to_guest), std::move(from_guest), peer);
    const auto connection = std::prev(connections_.end());
    loop_.add(connection->client(), connection->client_events(), [this, connection](short events) {
        if ((events & (POLLHUP | POLLERR)) != 0) {
            connection->client_hung_up();
        }
        advance(connection);
    });
    loop_.add(connection->to_guest(), connection->to_guest_events(), [this, connection](short events) {
        if ((events & POLLERR) != 0) {
            connection->guest_hung_up();
        }
        advance(connection);
    });
    loop_.add(connection->from_guest(), connection->from_guest_events(),
              [this, connection](short) { advance(connection); });
}

bool Relay::make_room(std::int64_t newcomer)
{
    const auto oldest_young = Connection::Clock::now() - young_age;
    const auto first_young = std::find_if(connections_.begin(), connections_.end(), [&](const Connection& c) {
        return c.accepted_at() > oldest_young;
    });
    const auto young = static_cast<std::size_t>(std::distance(first_young, connections_.end()));
    if (young < most_young && connections_.size() < room()) {
        return true;
    }
    if (young == 0) {
        return false;
    }
    std::map<std::int64_t, std::size_t> shares{{newcomer, 1}};
    for (auto connection = first_young; connection != connections_.end(); ++connection) {
        ++shares[connection->peer()];
    }
    drop(std::min_element(first_young, connections_.end(), [&](const Connection& a, const Connection& b) {
        const std::size_t share_of_a = shares.at(a.peer());
        const std::size_t share_of_b = shares.at(b.peer());
        return share_of_a != share_of_b ? share_of_a > share_of_b
                                        : a.bytes_from_client() < b.bytes_from_client();
    }));
    return true;
}

void Relay::advance(Iterator connection)
{
    if (!connection->pump()) {
        drop(connection);
        return;
    }
    if (connection->done_inward()) {
        loop_.remove(connection->to_guest());
        connection->close_to_guest();
    }
    loop_.change(connection->client(), connection->client_events());
    loop_.change(connection->to_guest(), connection->to_guest_events());
    loop_.change(connection->from_guest(), connection->from_guest_events());
}

void Relay::drop(Iterator connection)
{
    loop_.remove(connection->client());
    loop_.remove(connection->to_guest());
    loop_.remove(connection->from_guest());
    connections_.erase(connection);
}

} // namespace drukbox::keeper
