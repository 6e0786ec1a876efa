#include "keeper/relay.hpp"

#include "posix/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace drukbox::keeper {
namespace {

using posix::UniqueFd;

/// False when the acceptor's queue is full or the acceptor gone.
bool hand_over(int channel, int fd)
{
    char byte = 'c';
    iovec data{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    return ::sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

} // namespace

Relay::Relay(EventLoop& loop)
    : loop_(loop)
    , listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    if (!listener_ || ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::listen(listener_.get(), 128) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw posix::failure("no port on 127.0.0.1");
    port_ = ntohs(address.sin_port);
}

void Relay::open(int channel)
{
    channel_ = channel;
    loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_all(); });
}

void Relay::close()
{
    while (!connections_.empty())
        drop(connections_.begin());
    loop_.remove(listener_.get());
    listener_.reset();
}

void Relay::accept_all()
{
    for (int round = 0; round < 64; ++round) {
        UniqueFd client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!client)
            return;
        if (make_room())
            admit(std::move(client));
    }
}

void Relay::admit(UniqueFd client)
{
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return;
    UniqueFd guest{pair[0]};
    const UniqueFd inside{pair[1]};
    if (!hand_over(channel_, inside.get()))
        return;
    // The client's keystrokes must not wait for each other, and a client that vanished must be noticed.
    const int on = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(client.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));

    connections_.emplace_back(++last_id_, std::move(client), std::move(guest));
    const auto connection = std::prev(connections_.end());
    // Edge-triggered and for everything: pump() goes on until both sides block.
    constexpr std::uint32_t everything = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    loop_.add(connection->client(), everything, [this, connection](std::uint32_t events) {
        if ((events & (EPOLLHUP | EPOLLERR)) != 0)
            connection->client_hung_up();
        advance(connection);
    });
    loop_.add(connection->guest(), everything, [this, connection](std::uint32_t events) {
        if ((events & (EPOLLHUP | EPOLLERR)) != 0)
            connection->guest_hung_up();
        advance(connection);
    });
}

bool Relay::make_room()
{
    const auto oldest_young = Connection::Clock::now() - young_age;
    const auto first_young = std::find_if(connections_.begin(), connections_.end(), [&](const Connection& c) {
        return c.accepted_at() > oldest_young;
    });
    const auto young = static_cast<std::size_t>(std::distance(first_young, connections_.end()));
    if (young < most_young && connections_.size() < most_connections)
        return true;
    if (young == 0)
        return false;
    drop(std::min_element(first_young, connections_.end(), [](const Connection& a, const Connection& b) {
        return a.bytes_from_client() < b.bytes_from_client();
    }));
    return true;
}

void Relay::advance(Iterator connection)
{
    switch (connection->pump()) {
    case Connection::State::waiting:
        return;
    case Connection::State::over:
        drop(connection);
        return;
    case Connection::State::busy:
        loop_.defer([this, id = connection->id()] {
            const auto still = std::find_if(connections_.begin(), connections_.end(),
                                            [id](const Connection& c) { return c.id() == id; });
            if (still != connections_.end())
                advance(still);
        });
        return;
    }
}

void Relay::drop(Iterator connection)
{
    loop_.remove(connection->client());
    loop_.remove(connection->guest());
    connections_.erase(connection);
}

} // namespace drukbox::keeper
