#pragma once

#include "http/message.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace drukbox::http {

class ServerCore;
class TlsContext;

/// Thrown out of Exchange::read_body(). The server answers it by itself when the handler lets it pass.
class RequestBodyError : public std::runtime_error
{
public:
    RequestBodyError(unsigned status, const std::string& message)
        : std::runtime_error(message)
        , status_(status)
    {
    }

    /// 413 too large, 408 too slow, 400 malformed or cut.
    [[nodiscard]] unsigned status() const noexcept { return status_; }

private:
    unsigned status_;
};

/// One request while it is being answered. The header is there when the handler is called; the body is read
/// only if the handler asks for it, so that a request can be refused before its body is looked at.
class Exchange
{
public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    [[nodiscard]] virtual std::string_view method() const noexcept = 0;
    /// The request target as it stood on the wire: path and query, not decoded.
    [[nodiscard]] virtual std::string_view target() const noexcept = 0;
    [[nodiscard]] virtual const Headers& headers() const noexcept = 0;

    /// The whole body; empty where there is none. To be called once at most.
    [[nodiscard]] virtual boost::asio::awaitable<std::string> read_body() = 0;

    /// True once the peer has closed its side of the connection, as far as is known without writing to it.
    /// Asks the kernel at each call; requests that the peer has sent on before do not hide it.
    [[nodiscard]] virtual bool client_gone() const noexcept = 0;

    /// To be called once the request has shown that its client may ask: from then on its connection is none
    /// of those that are closed to make room for others.
    virtual void client_is_known() noexcept {}
};

class ServerOptions
{
public:
    ServerOptions() = default;

    std::size_t max_header_bytes = 16U << 10U;
    std::size_t max_body_bytes = 1U << 20U;
    /// For the whole header, from its first byte, and for the whole body, each.
    std::chrono::milliseconds request_deadline{30'000};
    /// How long a connection may be idle between two requests.
    std::chrono::milliseconds idle_timeout{75'000};
    /// How long an answer may take to be written.
    std::chrono::milliseconds write_deadline{30'000};
    /// How long what a refused client still sends is read and dropped, so that it can read the answer.
    std::chrono::milliseconds linger{2'000};
    /// Where there are as many, a new one takes the place of one whose client is not known yet: of the one
    /// that has been idle the longest, then of the one that has been asking the longest. Where all are known
    /// it is refused.
    std::size_t max_connections = 10'000;
    /// How many connections may come from one peer before its client is known; a further one takes the place
    /// of another of them. A peer is a user of this machine on a Unix socket, else an address. Zero: no
    /// limit.
    std::size_t max_unknown_per_peer = 0;
    /// How long a connection may be idle before it goes ahead of those that are asking.
    std::chrono::milliseconds stranger_idle_limit{1'000};
    /// Makes the answer to what the server refuses by itself: 400, 408, 413, 431, 500, 503.
    std::function<Response(unsigned status, std::string_view reason)> error_response;
    /// Told of an exception that a handler let out (the client gets a 500).
    std::function<void(std::exception_ptr)> on_unhandled;
};

/// An HTTP/1.1 server on TCP or a Unix socket: keep-alive, pipelining, limits, deadlines, graceful stop.
/// Everything runs on one executor, which must be single-threaded or a strand. A limit of time is kept to
/// within a quarter of the shortest one; zero means none.
class Server
{
public:
    using Handler = std::function<boost::asio::awaitable<Response>(Exchange&)>;

    Server(boost::asio::any_io_executor executor, ServerOptions options, Handler handler);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// Closes every connection. A handler still at work keeps running; its answer is dropped. To be called on
    /// the executor, or when it no longer runs.
    ~Server();

    /// Listens on `host:port`, `[v6]:port` (port 0: any free one) or `unix:/path`, and starts to accept.
    /// Returns the address in force: `http://127.0.0.1:8780`, `unix:/path`.
    /// A Unix socket that nobody listens on any more is replaced, and removed by stop(). Who may connect to
    /// it is what `unix_mode` says, whatever the umask, from the first moment on. Throws
    /// std::invalid_argument for a malformed address, boost::system::system_error if it cannot listen.
    std::string listen(std::string_view address, mode_t unix_mode = 0660);

    /// Connections over TCP that are accepted from now on speak TLS; a Unix socket never does. Call it before
    /// listen(), and again for a new certificate. To be called on the executor, or before it runs.
    void use_tls(std::shared_ptr<const TlsContext> tls);

    /// Accepts no more, closes idle connections, lets requests under way be answered for at most `grace`,
    /// then closes what is left, as the destructor does. To be awaited on the executor.
    boost::asio::awaitable<void> stop(std::chrono::milliseconds grace);

private:
    std::shared_ptr<ServerCore> core_;
};

} // namespace drukbox::http
