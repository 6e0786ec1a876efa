#pragma once

#include "http/server/listener.hpp"
#include "http/server/server.hpp"
#include "http/server/server_state.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::http {

class Connection;

/// The loops that make a server's connections and watch them.
class ServerCore : public ServerState, public std::enable_shared_from_this<ServerCore>
{
public:
    ServerCore(boost::asio::any_io_executor executor, ServerOptions options, Server::Handler handler);

    std::string listen(std::string_view address, mode_t unix_mode);
    boost::asio::awaitable<void> stop(std::chrono::milliseconds grace);
    void close() noexcept;

    void joined(ConnectionTable::Entry& connection, const PeerId& peer) override;
    void left(ConnectionTable::Entry& connection) noexcept override;

private:
    class Listening
    {
    public:
        Listening(const boost::asio::any_io_executor& executor, std::string_view address, mode_t unix_mode);
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;
        ~Listening();

        void close() noexcept;

        std::optional<Listener> listener;                // none once closed
        boost::asio::posix::stream_descriptor readiness; // the listener's descriptor, which it does not own
    };

    static boost::asio::awaitable<void> accept_all(std::shared_ptr<ServerCore> self,
                                                   std::shared_ptr<Listening> listening);
    static boost::asio::awaitable<void> serve(std::unique_ptr<Connection> connection);
    static boost::asio::awaitable<void> refuse(std::unique_ptr<Connection> connection);
    void spawn(boost::asio::awaitable<void> task);
    void admit(posix::UniqueFd fd);
    void make_room_for(const PeerId& peer);
    void evict(ConnectionTable::Entry* entry);
    void stop_accepting() noexcept;
    void schedule_tick();
    void tick();

    boost::asio::any_io_executor executor_;
    std::list<std::shared_ptr<Listening>> listeners_;
    boost::asio::steady_timer ticker_;
    std::chrono::milliseconds tick_interval_;
    bool ticking_ = false;
    std::vector<boost::asio::steady_timer*> stops_; // waiting for the last connection to end
};

} // namespace drukbox::http
