#pragma once

#include "http/server/connection.hpp"
#include "http/server/connection_table.hpp"
#include "http/server/listener.hpp"
#include "http/server/server.hpp"
#include "http/server/tls_context.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <ctime>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::http {

/// What a server's connections share, and the loops that make and watch them.
class ServerCore : public std::enable_shared_from_this<ServerCore>
{
public:
    ServerCore(boost::asio::any_io_executor executor, ServerOptions options, Server::Handler handler);
    ServerCore(const ServerCore&) = delete;
    ServerCore& operator=(const ServerCore&) = delete;

    std::string listen(std::string_view address, mode_t unix_mode);
    boost::asio::awaitable<void> stop(std::chrono::milliseconds grace);
    void close() noexcept;

    // For connections.

    void joined(Connection& connection, const PeerId& peer);
    void left(Connection& connection) noexcept;

    [[nodiscard]] ConnectionTable& connections() noexcept { return connections_; }

    [[nodiscard]] const ServerOptions& options() const noexcept { return options_; }

    /// Of connections that are accepted from now on; null: none.
    void use_tls(std::shared_ptr<const TlsContext> tls) noexcept { tls_ = std::move(tls); }

    [[nodiscard]] const TlsContext* tls() const noexcept { return tls_.get(); }

    [[nodiscard]] const Server::Handler& handler() const noexcept { return handler_; }

    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    /// The answer to what the server refuses by itself.
    [[nodiscard]] Response refusal(unsigned status, std::string_view reason) const;
    void unhandled(std::exception_ptr failure) const;
    /// Now, as in a Date field.
    [[nodiscard]] std::string_view date();

    /// Not to be relied upon beyond the next suspension.
    [[nodiscard]] std::span<char> scratch() noexcept { return scratch_; }

    /// Empty, with room for a header. Not to be relied upon beyond the next suspension.
    [[nodiscard]] std::string& scratch_text() noexcept
    {
        scratch_text_.clear();
        return scratch_text_;
    }

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
    ServerOptions options_;
    Server::Handler handler_;
    std::shared_ptr<const TlsContext> tls_;
    bool stopping_ = false;
    std::list<std::shared_ptr<Listening>> listeners_;
    ConnectionTable connections_;
    boost::asio::steady_timer ticker_;
    std::chrono::milliseconds tick_interval_;
    bool ticking_ = false;
    std::vector<boost::asio::steady_timer*> stops_; // waiting for the last connection to end
    std::time_t date_second_ = 0;
    std::string date_;
    std::string scratch_text_;
    std::array<char, 65536> scratch_;
};

} // namespace drukbox::http
