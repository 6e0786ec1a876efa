#include "http/client/async_send.hpp"
#include "http/server/server.hpp"
#include "support/eventually.hpp"
#include "support/send.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
namespace asio = boost::asio;

asio::awaitable<Response> echo(Exchange& exchange)
{
    std::string body = co_await exchange.read_body();
    co_return Response(200, "text/plain", std::move(body));
}

/// A server on a strand of a pool of threads.
class PooledServer
{
public:
    explicit PooledServer(const std::string& address)
        : server_(strand_, ServerOptions(), echo)
        , address_(server_.listen(address))
    {
    }

    PooledServer(const PooledServer&) = delete;
    PooledServer& operator=(const PooledServer&) = delete;

    ~PooledServer()
    {
        asio::co_spawn(strand_, server_.stop(10s), asio::use_future).get();
        pool_.join();
    }

    [[nodiscard]] const std::string& address() const noexcept { return address_; }

private:
    asio::thread_pool pool_{3};
    asio::strand<asio::thread_pool::executor_type> strand_ = asio::make_strand(pool_);
    Server server_;
    std::string address_;
};

void expect_echoes(Client& client, const std::string& url)
{
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                Request request("POST", url);
                request.idempotent = i % 5 != 0;
                request.body = std::string(static_cast<std::size_t>(i) * 1000, static_cast<char>('a' + t));
                const std::string expected = *request.body;
                const auto outcome = send(client, std::move(request)).get();
                EXPECT_FALSE(outcome.failure) << outcome.message;
                EXPECT_TRUE(outcome.response.body == expected);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

TEST(ClientAndServerTest, UnderstandEachOtherOverTcp)
{
    PooledServer server("127.0.0.1:0");
    Client client{ClientOptions()};
    expect_echoes(client, server.address() + "/");
}

TEST(ClientAndServerTest, UnderstandEachOtherOverAUnixSocket)
{
    std::string directory = (std::filesystem::temp_directory_path() / "drukbox-unix-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    {
        PooledServer server("unix:" + directory + "/socket");
        ClientOptions options;
        options.unix_socket = directory + "/socket";
        Client client{options};
        expect_echoes(client, "http://localhost/");
    }
    EXPECT_TRUE(std::filesystem::remove(directory)) << "the socket is gone";
}

TEST(ClientAndServerTest, AClientGivesUpWhileTheServerWorks)
{
    asio::io_context io;
    std::atomic<bool> noticed = false;
    Server server(io.get_executor(), ServerOptions(), [&](Exchange& exchange) -> asio::awaitable<Response> {
        asio::steady_timer timer(io);
        while (!exchange.client_gone()) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        noticed = true;
        co_return Response(200);
    });
    const auto url = server.listen("127.0.0.1:0") + "/";
    std::thread thread([&] { io.run(); });
    Client client{ClientOptions()};
    Request request("GET", url);
    request.timeout = 50ms;
    EXPECT_EQ(send(client, std::move(request)).get().failure, TransportFailure::timeout);
    EXPECT_TRUE(eventually([&] { return noticed.load(); }));
    io.stop();
    thread.join();
}

} // namespace
} // namespace drukbox::http
