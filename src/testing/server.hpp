#pragma once

#include "testing/gate.hpp"
#include "testing/ledger.hpp"
#include "testing/model.hpp"
#include "testing/script.hpp"

#include <drukbox/testing/answer.hpp>
#include <drukbox/testing/recorded_request.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace drukbox::inline v0::testing::detail {

/// The fake service on the wire: a listening socket, its connections, and the thread that they run on.
class Server
{
public:
    explicit Server(std::shared_ptr<Model> model);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }

    /// Runs `action` on the script, which nothing else touches meanwhile.
    template <class Action>
    void with_script(const Action& action)
    {
        const std::lock_guard lock{script_mutex_};
        action(script_);
    }

    /// Runs `action` on the gate, soon.
    template <class Action>
    void with_gate(Action action)
    {
        boost::asio::post(io_, [this, action] { action(gate_); });
    }

    void drop_connections(std::size_t count);
    void close_connections();

private:
    using Socket = boost::asio::ip::tcp::socket;

    class Connection;

    [[nodiscard]] boost::asio::awaitable<void> accept();
    [[nodiscard]] boost::asio::awaitable<void> serve(Socket accepted);
    [[nodiscard]] boost::asio::awaitable<bool> send(Socket& socket, const Answer& answer);
    [[nodiscard]] boost::asio::awaitable<bool> take_steps(Socket& socket, const Answer& answer,
                                                          Moment moment);
    [[nodiscard]] Answer answer_to(RecordedRequest request);
    [[nodiscard]] bool is_to_be_dropped();

    const std::shared_ptr<Model> model_;
    Ledger ledger_;
    Gate gate_{ledger_};
    std::mutex script_mutex_;
    Script script_;
    std::size_t to_drop_ = 0;
    std::list<Socket*> sockets_; // On the service's thread only.

    // After what the connections use: they end with it.
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    const std::uint16_t port_;
    std::jthread thread_;
};

} // namespace drukbox::inline v0::testing::detail
