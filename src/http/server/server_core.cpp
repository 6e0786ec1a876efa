#include "http/server/server_core.hpp"

#include "http/server/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>

namespace drukbox::http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Connections accepted in a row before others get their turn.
constexpr int accept_batch = 64;
/// How long to wait when the process or the machine has run out of what a connection needs.
constexpr auto exhaustion_pause = 50ms;
/// Beyond max_connections this many are told so; further ones are just closed.
constexpr std::size_t told_of_overload = 128;

std::chrono::milliseconds tick_interval(const ServerOptions& options)
{
    auto shortest = std::chrono::milliseconds(4s);
    for (const auto limit :
         {options.request_deadline, options.idle_timeout, options.write_deadline, options.linger}) {
        if (limit > 0ms) {
            shortest = std::min(shortest, limit);
        }
    }
    return std::max(shortest / 4, 1ms);
}

/// Registers a stop that waits, for as long as it does.
class WaitingStop
{
public:
    WaitingStop(std::vector<asio::steady_timer*>& stops, asio::steady_timer& timer)
        : stops_(stops)
        , timer_(timer)
    {
        stops_.push_back(&timer_);
    }

    WaitingStop(const WaitingStop&) = delete;
    WaitingStop& operator=(const WaitingStop&) = delete;

    ~WaitingStop() { std::erase(stops_, &timer_); }

private:
    std::vector<asio::steady_timer*>& stops_;
    asio::steady_timer& timer_;
};

} // namespace

ServerCore::Listening::Listening(const asio::any_io_executor& executor, std::string_view address,
                                 mode_t unix_mode)
    : listener(std::in_place, address, unix_mode)
    , readiness(executor, listener->fd())
{
}

ServerCore::Listening::~Listening()
{
    close();
}

void ServerCore::Listening::close() noexcept
{
    if (listener) {
        readiness.release();
        listener.reset();
    }
}

ServerCore::ServerCore(asio::any_io_executor executor, ServerOptions options, Server::Handler handler)
    : ServerState(std::move(options), std::move(handler))
    , executor_(std::move(executor))
    , ticker_(executor_)
    , tick_interval_(tick_interval(this->options()))
{
}

std::string ServerCore::listen(std::string_view address, mode_t unix_mode)
{
    auto listening = std::make_shared<Listening>(executor_, address, unix_mode);
    std::string in_force = listening->listener->address();
    constexpr std::string_view in_the_clear = "http://";
    if (tls() != nullptr && in_force.starts_with(in_the_clear)) {
        in_force.replace(0, in_the_clear.size(), "https://");
    }
    listeners_.push_back(listening);
    spawn(accept_all(shared_from_this(), std::move(listening)));
    return in_force;
}

asio::awaitable<void> ServerCore::stop(std::chrono::milliseconds grace)
{
    const auto self = shared_from_this();
    begin_to_stop();
    stop_accepting();
    connections().for_each([](auto& entry) { static_cast<Connection&>(entry).close_if_idle(); });
    if (!connections().empty()) {
        asio::steady_timer drained(executor_, grace);
        const WaitingStop waiting(stops_, drained);
        boost::system::error_code ignored;
        co_await drained.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    close();
}

void ServerCore::close() noexcept
{
    begin_to_stop();
    stop_accepting();
    connections().for_each([](auto& entry) { static_cast<Connection&>(entry).close(); });
}

void ServerCore::stop_accepting() noexcept
{
    for (const auto& listening : listeners_) {
        listening->close();
    }
    listeners_.clear();
}

asio::awaitable<void> ServerCore::accept_all(std::shared_ptr<ServerCore> self,
                                             std::shared_ptr<Listening> listening)
{
    asio::steady_timer pause(self->executor_);
    while (listening->listener) {
        boost::system::error_code error;
        co_await listening->readiness.async_wait(asio::posix::stream_descriptor::wait_read,
                                                 asio::redirect_error(asio::use_awaitable, error));
        bool exhausted = false;
        for (int i = 0; i < accept_batch && listening->listener && !exhausted; ++i) {
            posix::UniqueFd fd = listening->listener->accept();
            if (fd) {
                self->admit(std::move(fd));
            } else if (errno == EAGAIN) {
                break;
            } else {
                // Any other error is one connection's, which broke before it was accepted.
                exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            }
        }
        if (exhausted) {
            self->evict(self->connections().first_to_go(Connection::Clock::now()));
            pause.expires_after(exhaustion_pause);
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        }
    }
}

void ServerCore::admit(posix::UniqueFd fd)
{
    const PeerId peer = peer_of(fd.get());
    make_room_for(peer);
    const bool there_is_room = connections().size() < options().max_connections;
    if (!there_is_room && connections().count(Standing::leaving) >= told_of_overload) {
        return;
    }
    try {
        auto connection = std::make_unique<Connection>(shared_from_this(), executor_, std::move(fd), peer);
        if (!there_is_room) {
            connections().set(*connection, Standing::leaving, Connection::Clock::now());
        }
        spawn(there_is_room ? serve(std::move(connection)) : refuse(std::move(connection)));
    } catch (...) {
        unhandled(std::current_exception()); // one connection fewer; the server goes on
    }
}

/// A peer that has as many connections as it may have makes room by one of its own; else anybody's goes.
void ServerCore::make_room_for(const PeerId& peer)
{
    const auto now = Connection::Clock::now();
    const bool has_enough = options().max_unknown_per_peer != 0 &&
                            connections().strangers(peer) >= options().max_unknown_per_peer;
    if (has_enough) {
        evict(connections().first_to_go(peer, now));
    } else if (connections().size() >= options().max_connections) {
        evict(connections().first_to_go(now));
    }
}

void ServerCore::evict(ConnectionTable::Entry* entry)
{
    if (entry != nullptr) {
        connections().set(*entry, Standing::leaving, Connection::Clock::now());
        static_cast<Connection&>(*entry).evict();
    }
}

asio::awaitable<void> ServerCore::serve(std::unique_ptr<Connection> connection)
{
    co_await connection->run();
}

asio::awaitable<void> ServerCore::refuse(std::unique_ptr<Connection> connection)
{
    co_await connection->refuse();
}

void ServerCore::spawn(asio::awaitable<void> task)
{
    asio::co_spawn(executor_, std::move(task), [self = shared_from_this()](std::exception_ptr failure) {
        if (failure) {
            self->unhandled(std::move(failure));
        }
    });
}

void ServerCore::joined(ConnectionTable::Entry& connection, const PeerId& peer)
{
    schedule_tick();
    connections().add(connection, peer, Connection::Clock::now());
}

void ServerCore::left(ConnectionTable::Entry& connection) noexcept
{
    connections().remove(connection);
    if (connections().empty()) {
        ticking_ = false;
        ticker_.cancel();
        for (auto* stop : stops_) {
            stop->cancel();
        }
    }
}

void ServerCore::schedule_tick()
{
    if (ticking_) {
        return;
    }
    ticking_ = true;
    ticker_.expires_after(tick_interval_);
    ticker_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (self && !error) {
            self->tick();
        }
    });
}

void ServerCore::tick()
{
    const auto now = Connection::Clock::now();
    connections().for_each([now](auto& entry) { static_cast<Connection&>(entry).enforce_deadline(now); });
    ticking_ = false;
    if (!connections().empty()) {
        schedule_tick();
    }
}

} // namespace drukbox::http
