#include "support/scripted_server.hpp"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

template <typename Address>
posix::UniqueFd bound_socket(int family, const Address& address)
{
    posix::UniqueFd bound(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(bound.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw PeerError(std::string("bind: ") + std::strerror(errno));
    }
    return bound;
}

} // namespace

posix::UniqueFd bound_to_loopback()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bound_socket(AF_INET, address);
}

posix::UniqueFd bound_to(const std::filesystem::path& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    return bound_socket(AF_UNIX, address);
}

std::uint16_t port_of(const posix::UniqueFd& bound)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw PeerError(std::string("getsockname: ") + std::strerror(errno));
    }
    return address.sin_family == AF_INET ? ntohs(address.sin_port) : std::uint16_t{0};
}

class ScriptedServer::Connection
{
public:
    Connection(ScriptedServer& server, int fd)
        : peer_(fd)
        , thread_([this, &server] {
            try {
                server.script_(peer_);
            } catch (const PeerError&) {
            }
            // The descriptor stays ours until the thread is joined, so that interrupt() never meets
            // another's.
            peer_.interrupt();
            --server.open_;
        })
    {
    }

    ~Connection()
    {
        peer_.interrupt();
        thread_.join();
    }

private:
    Peer peer_;
    std::thread thread_;
};

ScriptedServer::ScriptedServer(Script script, posix::UniqueFd bound)
    : script_(std::move(script))
    , listener_(std::move(bound))
    , port_(port_of(listener_))
{
    if (::listen(listener_.get(), 1024) != 0) {
        throw PeerError(std::string("listen: ") + std::strerror(errno));
    }
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    connections_.clear();
}

std::string ScriptedServer::url(std::string_view path) const
{
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void ScriptedServer::accept_all()
{
    for (;;) {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            if (fd >= 0) {
                ::close(fd);
            }
            return;
        }
        if (fd >= 0) {
            ++accepted_;
            ++open_;
            connections_.emplace_back(*this, fd);
        }
    }
}

std::string http_answer(std::string_view body, std::string_view status)
{
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
}

void answer_all(Peer& peer)
{
    answers_all("hello")(peer);
}

ScriptedServer::Script answers_all(std::string_view body)
{
    return [answer = http_answer(body)](Peer& peer) {
        for (;;) {
            peer.read_message();
            peer.send(answer);
        }
    };
}

} // namespace drukbox::test
