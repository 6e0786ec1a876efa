#pragma once

#include "http/server/server.hpp"
#include "support/eventually.hpp"
#include "support/peer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace drukbox::test {

/// A real server on a thread of its own.
class RunningServer
{
public:
    RunningServer(http::ServerOptions options, http::Server::Handler handler,
                  const std::string& address = "127.0.0.1:0",
                  std::shared_ptr<const http::TlsContext> tls = nullptr)
        : server_(make(io_, std::move(options), std::move(handler), std::move(tls)))
        , address_(server_->listen(address))
        , thread_([this] { io_.run(); })
    {
    }

    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    ~RunningServer()
    {
        boost::asio::post(io_, [this] { server_.reset(); });
        // What a handler still waits for is dropped with the context.
        boost::asio::post(io_, [this] { io_.stop(); });
        thread_.join();
    }

    [[nodiscard]] const std::string& address() const noexcept { return address_; }

    [[nodiscard]] std::uint16_t port() const
    {
        return static_cast<std::uint16_t>(std::stoi(address_.substr(address_.rfind(':') + 1)));
    }

    [[nodiscard]] Peer connect() const { return Peer::connect(port()); }

    /// What stop() returns, once it has.
    std::future<void> stop(std::chrono::milliseconds grace)
    {
        return boost::asio::co_spawn(io_, server_->stop(grace), boost::asio::use_future);
    }

    /// Returns when it is in force.
    void use_tls(std::shared_ptr<const http::TlsContext> tls)
    {
        std::promise<void> done;
        boost::asio::post(io_, [&] {
            server_->use_tls(std::move(tls));
            done.set_value();
        });
        done.get_future().get();
    }

    [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }

private:
    static std::unique_ptr<http::Server> make(boost::asio::io_context& io, http::ServerOptions options,
                                              http::Server::Handler handler,
                                              std::shared_ptr<const http::TlsContext> tls)
    {
        auto server =
            std::make_unique<http::Server>(io.get_executor(), std::move(options), std::move(handler));
        server->use_tls(std::move(tls));
        return server;
    }

    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_{io_.get_executor()};
    std::unique_ptr<http::Server> server_;
    std::string address_;
    std::thread thread_;
};

/// Waits in a coroutine until `condition` holds.
template <typename Condition>
boost::asio::awaitable<void> until(Condition condition)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    while (!condition()) {
        timer.expires_after(std::chrono::milliseconds(1));
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

} // namespace drukbox::test
