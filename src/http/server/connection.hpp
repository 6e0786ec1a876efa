#pragma once

#include "http/server/channel.hpp"
#include "http/server/connection_table.hpp"
#include "http/server/input_buffer.hpp"
#include "http/server/request_parser.hpp"
#include "http/server/server.hpp"
#include "posix/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace drukbox::http {

class ServerState;

/// One connection of a server, from its first request to its end.
///
/// Receives only after it was told that there is something to receive, into a buffer that all connections
/// share, so that an idle one costs little more than its socket. Deadlines are fields that the server looks
/// at from time to time, so that a request sets no timer.
class Connection : public ConnectionTable::Entry
{
public:
    using Clock = ConnectionTable::Clock;

    Connection(std::shared_ptr<ServerState> state, const boost::asio::any_io_executor& executor,
               posix::UniqueFd fd, const PeerId& peer);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Serves requests until either side has had enough.
    boost::asio::awaitable<void> run();

    /// Answers 503 to a connection that is one too many.
    boost::asio::awaitable<void> refuse();

    /// To be called from time to time.
    void enforce_deadline(Clock::time_point now);
    void close_if_idle() noexcept;
    void close() noexcept;

    /// Ends it to make room. Only says so to the kernel: the descriptor stays this connection's until its
    /// coroutine, which may be about to use it, has come to its end.
    void evict() noexcept;

private:
    class RequestExchange;

    enum class Wait
    {
        ready,
        expired,
        closed
    };

    /// What comes after a request.
    enum class Next
    {
        request,
        linger,
        end
    };

    boost::asio::awaitable<Next> serve_request();
    boost::asio::awaitable<std::string> read_body(RequestParser& parser);
    boost::asio::awaitable<bool> skip_body(RequestParser& parser);
    boost::asio::awaitable<Wait> receive();
    boost::asio::awaitable<bool> send_refusal(unsigned status, std::string_view reason);
    boost::asio::awaitable<bool> send(std::string_view head, std::string_view body);
    boost::asio::awaitable<bool> send_piecewise(const Response& response, std::string head, bool chunked);
    boost::asio::awaitable<void> linger();
    boost::asio::awaitable<bool> ready(Channel::Progress wanted);
    [[nodiscard]] bool peer_gone() noexcept;
    /// Returns the time now.
    Clock::time_point set_deadline(std::chrono::milliseconds limit) noexcept;
    void clear_deadline() noexcept;

    std::shared_ptr<ServerState> state_;
    boost::asio::generic::stream_protocol::socket socket_;
    Channel channel_;
    InputBuffer input_;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool expired_ = false;
    bool idle_ = false;
    bool evicted_ = false;
    bool peer_finished_ = false;
};

} // namespace drukbox::http
