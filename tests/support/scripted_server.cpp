#include "support/scripted_server.hpp"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::test {

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

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script))
    , listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 1024) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw PeerError(std::string("listen: ") + std::strerror(errno));
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    connections_.clear();
    ::close(listener_);
}

std::string ScriptedServer::url(std::string_view path) const
{
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void ScriptedServer::accept_all()
{
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
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
    for (;;) {
        peer.read_message();
        peer.send(http_answer("hello"));
    }
}

} // namespace drukbox::test
