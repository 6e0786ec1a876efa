#pragma once

#include "posix/unique_fd.hpp"
#include "support/peer.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace drukbox::test {

/// A TCP socket that has a free port of the loopback device, and does not listen yet.
[[nodiscard]] posix::UniqueFd bound_to_loopback();

/// A Unix socket of that name, which does not listen yet.
[[nodiscard]] posix::UniqueFd bound_to(const std::filesystem::path& path);

/// Its port; zero for a Unix socket.
[[nodiscard]] std::uint16_t port_of(const posix::UniqueFd& bound);

/// A server, on a TCP port of its own unless it is told otherwise, that plays a script on every connection,
/// and counts.
class ScriptedServer
{
public:
    /// Runs on a thread of its own per connection, which closes when it returns. A PeerError ends it.
    using Script = std::function<void(Peer&)>;

    explicit ScriptedServer(Script script, posix::UniqueFd bound = bound_to_loopback());
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    /// Breaks the connections that are still open.
    ~ScriptedServer();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] std::string url(std::string_view path = "/") const;

    /// Connections so far.
    [[nodiscard]] std::size_t accepted() const noexcept { return accepted_; }

    /// Connections whose script still runs.
    [[nodiscard]] std::size_t open() const noexcept { return open_; }

private:
    class Connection;

    void accept_all();

    Script script_;
    posix::UniqueFd listener_;
    std::uint16_t port_;
    std::atomic<std::size_t> accepted_ = 0;
    std::atomic<std::size_t> open_ = 0;
    std::mutex mutex_;
    bool stopping_ = false;
    std::list<Connection> connections_;
    std::thread acceptor_;
};

/// An answer with that body, and a Content-Length.
[[nodiscard]] std::string http_answer(std::string_view body, std::string_view status = "200 OK");

/// A script: answers every request on the connection.
void answer_all(Peer& peer);

/// The same, with that body.
[[nodiscard]] ScriptedServer::Script answers_all(std::string_view body);

} // namespace drukbox::test
