#include "http/server/listener.hpp"

#include <boost/system/system_error.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <stdexcept>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace drukbox::http {
namespace {

constexpr int backlog = 4096;

[[noreturn]] void fail(int error, std::string_view what)
{
    throw boost::system::system_error(error, boost::system::system_category(), std::string(what));
}

posix::UniqueFd open_socket(int family)
{
    posix::UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) {
        fail(errno, "cannot open a socket");
    }
    return fd;
}

class HostAndPort
{
public:
    explicit HostAndPort(std::string_view address)
    {
        const auto colon = address.rfind(':');
        const bool bracketed = address.starts_with('[');
        if (colon == address.npos || (bracketed && (colon < 3 || address[colon - 1] != ']'))) {
            malformed(address);
        }
        host = bracketed ? address.substr(1, colon - 2) : address.substr(0, colon);
        port = address.substr(colon + 1);
        std::uint16_t number = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (host.empty() || error != std::errc() || end != port.data() + port.size() ||
            (!bracketed && host.find(':') != host.npos)) {
            malformed(address);
        }
    }

    std::string host;
    std::string port;

private:
    [[noreturn]] static void malformed(std::string_view address)
    {
        throw std::invalid_argument("not an address to listen on: '" + std::string(address) +
                                    "'; expected host:port, [v6]:port or unix:/path");
    }
};

std::string url_of(int fd)
{
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    ::getnameinfo(reinterpret_cast<const sockaddr*>(&bound), size, host.data(), host.size(), port.data(),
                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
    const bool v6 = bound.ss_family == AF_INET6;
    return std::string("http://") + (v6 ? "[" : "") + host.data() + (v6 ? "]:" : ":") + port.data();
}

bool has_listener(const sockaddr_un& address)
{
    const posix::UniqueFd probe = open_socket(AF_UNIX);
    // A live one with a full queue answers EAGAIN.
    return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
           (errno != ECONNREFUSED && errno != ENOENT);
}

} // namespace

Listener::Listener(std::string_view address, mode_t unix_mode)
{
    constexpr std::string_view unix_prefix = "unix:";
    if (address.starts_with(unix_prefix)) {
        listen_unix(address.substr(unix_prefix.size()), unix_mode);
    } else {
        listen_tcp(address);
    }
}

Listener::~Listener()
{
    struct stat now{};
    if (fd_ && !path_.empty() && ::lstat(path_.c_str(), &now) == 0 && now.st_dev == device_ &&
        now.st_ino == inode_) {
        ::unlink(path_.c_str());
    }
}

posix::UniqueFd Listener::accept() const noexcept
{
    return posix::UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

void Listener::listen_tcp(std::string_view address)
{
    const HostAndPort wanted(address);
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(wanted.host.c_str(), wanted.port.c_str(), &hints, &found);
        error != 0) {
        throw std::invalid_argument("cannot listen on '" + std::string(address) +
                                    "': " + ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> results(found, &::freeaddrinfo);

    posix::UniqueFd fd = open_socket(results->ai_family);
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // Linux hands this on to every accepted connection.
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::bind(fd.get(), results->ai_addr, results->ai_addrlen) != 0 || ::listen(fd.get(), backlog) != 0) {
        fail(errno, "cannot listen on " + std::string(address));
    }
    fd_ = std::move(fd);
    address_ = url_of(fd_.get());
}

void Listener::listen_unix(std::string_view path, mode_t mode)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!path.starts_with('/') || path.size() >= sizeof address.sun_path) {
        throw std::invalid_argument("not a path for a Unix socket: '" + std::string(path) +
                                    "'; expected an absolute one of at most " +
                                    std::to_string(sizeof address.sun_path - 1) + " bytes");
    }
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const std::string name(path);

    struct stat there{};
    if (::lstat(name.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) {
        if (has_listener(address)) {
            fail(EADDRINUSE, "cannot listen on unix:" + name);
        }
        ::unlink(name.c_str());
    }
    posix::UniqueFd fd = open_socket(AF_UNIX);
    // Nobody can connect before it listens, and by then its mode is set.
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(name.c_str(), mode) != 0 || ::listen(fd.get(), backlog) != 0 ||
        ::lstat(name.c_str(), &there) != 0) {
        fail(errno, "cannot listen on unix:" + name);
    }
    fd_ = std::move(fd);
    address_ = "unix:" + name;
    path_ = name;
    device_ = there.st_dev;
    inode_ = there.st_ino;
}

} // namespace drukbox::http
