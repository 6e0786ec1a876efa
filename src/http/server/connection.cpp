#include "http/server/connection.hpp"

#include "http/server/answer_head.hpp"
#include "http/server/server_state.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include <poll.h>
#include <sys/socket.h>

namespace drukbox::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Progress = RequestParser::Progress;

/// An unread body of at most this size is skipped to keep the connection.
constexpr std::uint64_t worth_skipping = 64U << 10U;
/// What is read and dropped at most before a connection closes on a client that goes on sending.
constexpr std::size_t worth_lingering = 64U << 20U;

asio::generic::stream_protocol protocol_of(int fd)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return {address.ss_family, 0};
}

} // namespace

class Connection::RequestExchange final : public Exchange
{
public:
    RequestExchange(Connection& connection, RequestParser& parser) noexcept
        : connection_(connection)
        , parser_(parser)
    {
    }

    [[nodiscard]] std::string_view method() const noexcept override { return parser_.method(); }

    [[nodiscard]] std::string_view target() const noexcept override { return parser_.target(); }

    [[nodiscard]] const Headers& headers() const noexcept override { return parser_.headers(); }

    [[nodiscard]] asio::awaitable<std::string> read_body() override
    {
        asked_for_body_ = true;
        return connection_.read_body(parser_);
    }

    [[nodiscard]] bool client_gone() const noexcept override { return connection_.peer_gone(); }

    void client_is_known() noexcept override
    {
        connection_.state_->connections().set(connection_, Standing::known, Clock::now());
    }

    /// Whether the next request can be told from the rest of this one at little cost.
    [[nodiscard]] bool leaves_connection_usable() const
    {
        return parser_.complete() ||
               (!asked_for_body_ && !parser_.expects_continue() && parser_.remaining() <= worth_skipping);
    }

private:
    Connection& connection_;
    RequestParser& parser_;
    bool asked_for_body_ = false;
};

Connection::Connection(std::shared_ptr<ServerState> state, const asio::any_io_executor& executor,
                       posix::UniqueFd fd, const PeerId& peer)
    : state_(std::move(state))
    , socket_(executor)
    , channel_(fd.get(), protocol_of(fd.get()).family() == AF_UNIX ? nullptr : state_->tls())
    , input_(state_->scratch())
{
    socket_.assign(protocol_of(fd.get()), fd.get());
    static_cast<void>(fd.release());
    state_->joined(*this, peer);
}

Connection::~Connection()
{
    state_->left(*this);
}

asio::awaitable<void> Connection::run()
{
    Next next = Next::request;
    while (next == Next::request && !evicted_) {
        // Waits here, where all that a request needs does not exist yet.
        if (input_.empty()) {
            if (state_->stopping()) {
                co_return;
            }
            idle_ = true;
            state_->connections().set(*this, Standing::idle, set_deadline(state_->options().idle_timeout));
            const Wait wait = co_await receive();
            idle_ = false;
            if (wait != Wait::ready) {
                co_return;
            }
        }
        next = co_await serve_request();
    }
    if (next == Next::linger) {
        co_await linger();
    }
}

asio::awaitable<void> Connection::refuse()
{
    const bool told = co_await send_refusal(503, "too many connections");
    if (told) {
        co_await linger();
    }
}

asio::awaitable<Connection::Next> Connection::serve_request()
{
    const ServerOptions& options = state_->options();
    RequestParser parser(options.max_header_bytes, options.max_body_bytes);
    state_->connections().set(*this, Standing::asking, set_deadline(options.request_deadline));
    for (Progress progress = parser.read_header(input_); progress != Progress::complete;
         progress = parser.read_header(input_)) {
        if (progress != Progress::incomplete) {
            const bool large = progress == Progress::too_large;
            const bool sent = co_await send_refusal(large ? 431 : 400,
                                                    large ? "request header too large" : "malformed request");
            co_return sent ? Next::linger : Next::end;
        }
        const Wait wait = co_await receive();
        if (wait == Wait::expired) {
            const bool sent = co_await send_refusal(408, "request header not received in time");
            co_return sent ? Next::linger : Next::end;
        }
        if (wait == Wait::closed) {
            co_return Next::end;
        }
    }
    clear_deadline();
    input_.keep();

    RequestExchange exchange(*this, parser);
    Response response;
    try {
        response = co_await state_->handler()(exchange);
        check_answer(response);
    } catch (const RequestBodyError& error) {
        response = state_->refusal(error.status(), error.what());
    } catch (...) {
        state_->unhandled(std::current_exception());
        response = state_->refusal(500, "internal server error");
    }

    const Framing framing = !response.rest         ? Framing::length
                            : parser.is_http_1_0() ? Framing::close
                                                   : Framing::chunks;
    const bool keep = parser.keeps_alive() && exchange.leaves_connection_usable() && !state_->stopping() &&
                      framing != Framing::close;
    std::string& head = state_->scratch_text();
    append_answer_head(head, response,
                       !keep                  ? Persistence::close
                       : parser.is_http_1_0() ? Persistence::keep_announced
                                              : Persistence::keep,
                       state_->date(), framing);
    const bool bodiless = parser.method() == "HEAD" || !has_body(response.status);
    if (response.rest && !bodiless) {
        const bool complete = co_await send_piecewise(response, head, framing == Framing::chunks);
        if (!complete) {
            co_return Next::end;
        }
    } else {
        const std::string_view body = bodiless ? std::string_view() : std::string_view(response.body);
        // Nearly always all of it goes at once, and nothing has to be set up for waiting.
        const auto sent = channel_.send(head, body);
        if (sent.progress == Channel::Progress::closed) {
            co_return Next::end;
        }
        if (sent.bytes < head.size() + body.size()) {
            const std::string rest_of_head = head.substr(std::min(sent.bytes, head.size()));
            const auto rest_of_body = body.substr(sent.bytes - (head.size() - rest_of_head.size()));
            const bool complete = co_await send(rest_of_head, rest_of_body);
            if (!complete) {
                co_return Next::end;
            }
        }
    }
    if (!keep) {
        co_return Next::linger;
    }
    if (!parser.complete()) {
        const bool skipped = co_await skip_body(parser);
        co_return skipped ? Next::request : Next::end;
    }
    co_return Next::request;
}

/// Sends each piece before it asks for the next one, so that a slow client takes no memory. False: the
/// connection is broken, or the rest of the answer cannot be had.
asio::awaitable<bool> Connection::send_piecewise(const Response& response, std::string head, bool chunked)
{
    std::string piece = response.body;
    if (piece.empty()) {
        const bool sent = co_await send(head, {});
        if (!sent) {
            co_return false;
        }
        head.clear();
    }
    try {
        if (piece.empty()) {
            piece = co_await response.rest();
        }
        while (!piece.empty()) {
            if (chunked) {
                head += chunk_head(piece.size());
                piece += "\r\n";
            }
            const bool sent = co_await send(head, piece);
            if (!sent) {
                co_return false;
            }
            head.clear();
            piece = co_await response.rest();
        }
    } catch (...) {
        state_->unhandled(std::current_exception());
        co_return false;
    }
    constexpr std::string_view last_chunk = "0\r\n\r\n";
    if (!chunked) {
        co_return true;
    }
    const bool ended = co_await send(last_chunk, {});
    co_return ended;
}

asio::awaitable<std::string> Connection::read_body(RequestParser& parser)
{
    if (parser.announces_too_much()) {
        throw RequestBodyError(413, "request body too large");
    }
    if (parser.expects_continue() && !parser.complete() && input_.empty()) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const bool sent = co_await send(go_on, {});
        if (!sent) {
            throw RequestBodyError(400, "request body cut");
        }
    }
    set_deadline(state_->options().request_deadline);
    for (Progress progress = parser.read_body(input_); progress != Progress::complete;
         progress = parser.read_body(input_)) {
        if (progress == Progress::too_large) {
            throw RequestBodyError(413, "request body too large");
        }
        if (progress == Progress::malformed) {
            throw RequestBodyError(400, "malformed request body");
        }
        const Wait wait = co_await receive();
        if (wait == Wait::expired) {
            throw RequestBodyError(408, "request body not received in time");
        }
        if (wait == Wait::closed) {
            throw RequestBodyError(400, "request body cut");
        }
    }
    clear_deadline();
    input_.keep();
    co_return std::move(parser.body());
}

asio::awaitable<bool> Connection::skip_body(RequestParser& parser)
{
    set_deadline(state_->options().request_deadline);
    Progress progress = parser.skip_body(input_);
    while (progress == Progress::incomplete) {
        const Wait wait = co_await receive();
        if (wait != Wait::ready) {
            co_return false;
        }
        progress = parser.skip_body(input_);
    }
    co_return progress == Progress::complete;
}

/// Waits for input. A deadline that has passed meanwhile goes first.
asio::awaitable<Connection::Wait> Connection::receive()
{
    input_.keep();
    auto wanted = channel_.holds_input() ? Channel::Progress::done : Channel::Progress::wants_read;
    for (;;) {
        if (wanted != Channel::Progress::done) {
            const bool come = co_await ready(wanted);
            if (!come) {
                co_return expired_ ? Wait::expired : Wait::closed;
            }
        }
        if (evicted_) {
            // What has arrived meanwhile is not begun: its answer could not be sent.
            peer_finished_ = true;
            co_return Wait::closed;
        }
        wanted = input_.receive(channel_);
        if (wanted == Channel::Progress::done) {
            co_return Wait::ready;
        }
        if (wanted == Channel::Progress::closed) {
            peer_finished_ = true;
            co_return Wait::closed;
        }
    }
}

/// Waits until the socket can be read or written; false when it is closed or a deadline has passed.
asio::awaitable<bool> Connection::ready(Channel::Progress wanted)
{
    error_code error;
    co_await socket_.async_wait(wanted == Channel::Progress::wants_write ? asio::socket_base::wait_write
                                                                         : asio::socket_base::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    co_return !error && !expired_;
}

asio::awaitable<bool> Connection::send_refusal(unsigned status, std::string_view reason)
{
    const Response response = state_->refusal(status, reason);
    std::string head;
    append_answer_head(head, response, Persistence::close, state_->date());
    const std::string_view body =
        has_body(response.status) ? std::string_view(response.body) : std::string_view();
    const bool sent = co_await send(head, body);
    co_return sent;
}

asio::awaitable<bool> Connection::send(std::string_view head, std::string_view body)
{
    set_deadline(state_->options().write_deadline);
    while (!head.empty() || !body.empty()) {
        const auto sent = channel_.send(head, body);
        if (sent.progress == Channel::Progress::closed) {
            co_return false;
        }
        if (sent.progress != Channel::Progress::done) {
            const bool come = co_await ready(sent.progress);
            if (!come) {
                co_return false;
            }
            continue;
        }
        const auto of_head = std::min(sent.bytes, head.size());
        head.remove_prefix(of_head);
        body.remove_prefix(sent.bytes - of_head);
    }
    clear_deadline();
    co_return true;
}

/// Closing a socket with unread input makes the kernel send a reset, at which the client's may drop the
/// answer that it has not read yet. So our direction is closed first, and what still comes is read for a
/// while.
asio::awaitable<void> Connection::linger()
{
    channel_.finish();
    error_code error;
    socket_.shutdown(asio::socket_base::shutdown_send, error);
    if (error || peer_finished_ || state_->options().linger <= std::chrono::milliseconds(0)) {
        co_return;
    }
    set_deadline(state_->options().linger);
    for (std::size_t dropped = 0; dropped < worth_lingering;) {
        input_.consume(input_.bytes().size());
        const Wait wait = co_await receive();
        if (wait != Wait::ready) {
            co_return;
        }
        dropped += input_.bytes().size();
    }
}

bool Connection::peer_gone() noexcept
{
    if (!socket_.is_open()) {
        return true;
    }
    pollfd state{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

Connection::Clock::time_point Connection::set_deadline(std::chrono::milliseconds limit) noexcept
{
    const auto now = Clock::now();
    expired_ = false;
    deadline_ = limit > std::chrono::milliseconds(0) ? now + limit : Clock::time_point::max();
    return now;
}

void Connection::clear_deadline() noexcept
{
    expired_ = false;
    deadline_ = Clock::time_point::max();
}

void Connection::enforce_deadline(Clock::time_point now)
{
    if (now >= deadline_) {
        deadline_ = Clock::time_point::max();
        expired_ = true;
        error_code ignored;
        socket_.cancel(ignored);
    }
}

void Connection::close_if_idle() noexcept
{
    if (idle_) {
        close();
    }
}

void Connection::evict() noexcept
{
    evicted_ = true;
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_both, ignored);
}

void Connection::close() noexcept
{
    error_code ignored;
    socket_.close(ignored);
}

} // namespace drukbox::http
