#include "support/peer.hpp"

#include "support/eventually.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

std::size_t content_length(std::string header)
{
    std::ranges::transform(header, header.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view name = "\r\ncontent-length:";
    const auto found = header.find(name);
    if (found == std::string::npos) {
        return 0;
    }
    const auto digits = header.find_first_not_of(' ', found + name.size());
    std::size_t length = 0;
    std::from_chars(header.data() + digits, header.data() + header.size(), length);
    return length;
}

} // namespace

Peer::Peer(int fd)
    : fd_(fd)
{
    const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Peer::Peer(Peer&& other) noexcept
    : fd_(std::exchange(other.fd_, -1))
    , input_(std::move(other.input_))
{
}

Peer& Peer::operator=(Peer&& other) noexcept
{
    std::swap(fd_, other.fd_);
    std::swap(input_, other.input_);
    return *this;
}

Peer::~Peer()
{
    close();
}

Peer Peer::connect(std::uint16_t port)
{
    Peer peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    peer.connect_to(port);
    return peer;
}

void Peer::connect_to(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw PeerError(std::string("connect: ") + std::strerror(errno));
    }
}

Peer Peer::connect_unix(const std::string& path)
{
    Peer peer(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(peer.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw PeerError(std::string("connect: ") + std::strerror(errno));
    }
    return peer;
}

void Peer::send(std::string_view bytes)
{
    if (!try_send(bytes)) {
        throw PeerError("the connection broke while sending");
    }
}

bool Peer::try_send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Peer::fill()
{
    std::array<char, 65536> chunk;
    ssize_t received = 0;
    do {
        received = ::recv(fd_, chunk.data(), chunk.size(), 0);
    } while (received < 0 && errno == EINTR);
    if (received < 0) {
        throw PeerError(std::string("recv: ") + std::strerror(errno));
    }
    input_.append(chunk.data(), static_cast<std::size_t>(received));
    return received > 0;
}

std::string Peer::read_until(std::string_view mark)
{
    std::size_t found = 0;
    while ((found = input_.find(mark)) == std::string::npos) {
        if (!fill()) {
            throw PeerError("closed by the other side after: " + input_);
        }
    }
    return read(found + mark.size());
}

std::string Peer::read(std::size_t bytes)
{
    while (input_.size() < bytes) {
        if (!fill()) {
            throw PeerError("closed by the other side after: " + input_);
        }
    }
    std::string result = input_.substr(0, bytes);
    input_.erase(0, bytes);
    return result;
}

std::string Peer::read_to_end()
{
    while (fill()) {
    }
    return std::exchange(input_, {});
}

std::string Peer::read_message()
{
    std::string message = read_header();
    return message + read(content_length(message));
}

bool Peer::wait_closed()
{
    try {
        return input_.empty() && !fill();
    } catch (const PeerError&) {
        return errno == ECONNRESET;
    }
}

void Peer::finish()
{
    ::shutdown(fd_, SHUT_WR);
}

void Peer::reset()
{
    // Dissolving the association sends RST, and leaves the descriptor to whoever may yet interrupt() it.
    const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
    ::connect(fd_, &nobody, sizeof nobody);
}

void Peer::close()
{
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

void Peer::interrupt() noexcept
{
    ::shutdown(fd_, SHUT_RDWR);
}

} // namespace drukbox::test
