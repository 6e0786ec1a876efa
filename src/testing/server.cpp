#include "testing/server.hpp"

#include "testing/answer_access.hpp"
#include "testing/route.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace drukbox::inline v0::testing::detail {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::array moments{Moment::before_answer, Moment::in_head, Moment::in_body};

/// How much of an answer has been sent at a moment.
std::size_t sent_by(Moment moment, std::string_view bytes)
{
    constexpr std::string_view end_of_head = "\r\n\r\n";
    const auto found = bytes.find(end_of_head);
    const auto head = found == std::string_view::npos ? bytes.size() : found + end_of_head.size();
    switch (moment) {
    case Moment::before_answer:
        break;
    case Moment::in_head:
        return head / 2;
    case Moment::in_body:
        return head < bytes.size() ? head + (bytes.size() - head) / 2 : head - std::min<std::size_t>(head, 2);
    }
    return 0;
}

RecordedRequest record_of(const http::request<http::string_body>& request)
{
    RecordedRequest recorded;
    recorded.method = request.method_string();
    recorded.target = request.target();
    for (const auto& field : request) {
        recorded.headers.emplace_back(field.name_string(), field.value());
    }
    recorded.body = request.body();
    recorded.operation = find_route(recorded.method, recorded.target).operation;
    return recorded;
}

} // namespace

/// A connection while it lives: counted, and in reach of close_connections().
class Server::Connection
{
public:
    Connection(Server& server, Socket accepted)
        : server_(server)
        , open_(server.ledger_, &Ledger::Entries::connections_open)
        , socket_(std::move(accepted))
    {
        server_.sockets_.push_back(&socket_);
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ~Connection() { server_.sockets_.remove(&socket_); }

    [[nodiscard]] Socket& socket() noexcept { return socket_; }

private:
    Server& server_;
    const Counted open_; // Before the socket: a connection is closed before it counts as gone.
    Socket socket_;
};

Server::Server(std::shared_ptr<Model> model)
    : model_(std::move(model))
    , acceptor_(io_, tcp::endpoint{asio::ip::address_v4::loopback(), 0})
    , port_(acceptor_.local_endpoint().port())
{
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::jthread{[this] { io_.run(); }};
}

Server::~Server()
{
    io_.stop();
}

void Server::drop_connections(std::size_t count)
{
    const std::lock_guard lock{script_mutex_};
    to_drop_ += count;
}

void Server::close_connections()
{
    asio::post(io_, [this] {
        for (Socket* const socket : sockets_) {
            boost::system::error_code ignored;
            socket->close(ignored);
        }
    });
}

asio::awaitable<void> Server::accept()
{
    for (;;) {
        auto [error, socket] = co_await acceptor_.async_accept(use_tuple);
        if (error) {
            co_return;
        }
        asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> Server::serve(Socket accepted)
{
    ledger_.change([](Ledger::Entries& entries) { ++entries.connections_opened; });
    if (is_to_be_dropped()) {
        co_return;
    }
    Connection connection{*this, std::move(accepted)};
    boost::system::error_code ignored;
    connection.socket().set_option(tcp::no_delay{true}, ignored);
    boost::beast::flat_buffer buffer;
    bool goes_on = true;
    while (goes_on) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(boost::none);
        auto [error, size] = co_await http::async_read(connection.socket(), buffer, parser, use_tuple);
        if (error) {
            co_return;
        }
        const bool keep_alive = parser.get().keep_alive();
        const Answer answer = answer_to(record_of(parser.get()));
        const bool sent = co_await send(connection.socket(), answer);
        goes_on = sent && keep_alive;
    }
}

// False when the connection is to be closed.
asio::awaitable<bool> Server::send(Socket& socket, const Answer& answer)
{
    const std::string bytes = AnswerAccess::bytes(answer);
    std::string_view rest = bytes;
    for (const Moment moment : moments) {
        const auto begins = [moment](const AnswerAccess::Step& step) { return step.moment == moment; };
        if (std::ranges::none_of(AnswerAccess::steps(answer), begins)) {
            continue;
        }
        const auto part = sent_by(moment, bytes) - (bytes.size() - rest.size());
        auto [error, size] =
            co_await asio::async_write(socket, asio::buffer(rest.substr(0, part)), use_tuple);
        rest.remove_prefix(size);
        const bool goes_on = co_await take_steps(socket, answer, moment);
        if (error || !goes_on) {
            co_return false;
        }
    }
    auto [error, size] = co_await asio::async_write(socket, asio::buffer(rest), use_tuple);
    co_return !error && !AnswerAccess::is_raw(answer);
}

// False when the connection is to be closed.
asio::awaitable<bool> Server::take_steps(Socket& socket, const Answer& answer, Moment moment)
{
    using Action = AnswerAccess::Action;
    bool is_cut = false;
    for (const auto& step : AnswerAccess::steps(answer)) {
        bool here = true;
        if (step.moment != moment) {
            continue;
        }
        switch (step.action) {
        case Action::hold:
            here = co_await gate_.pass(socket);
            break;
        case Action::pause: {
            asio::steady_timer timer{io_, step.pause};
            here = co_await wait_for(timer, socket);
            break;
        }
        case Action::cut:
            is_cut = true;
            break;
        }
        if (!here) {
            co_return false;
        }
    }
    co_return !is_cut;
}

Answer Server::answer_to(RecordedRequest request)
{
    Answer answer;
    with_script([&](Script& script) { answer = script.take(request.operation); });
    if (AnswerAccess::is_genuine(answer)) {
        answer = AnswerAccess::filled(std::move(answer), model_->answer(request));
    }
    ledger_.change([&](Ledger::Entries& entries) { entries.requests.push_back(std::move(request)); });
    return answer;
}

bool Server::is_to_be_dropped()
{
    const std::lock_guard lock{script_mutex_};
    if (to_drop_ == 0) {
        return false;
    }
    --to_drop_;
    return true;
}

} // namespace drukbox::inline v0::testing::detail
