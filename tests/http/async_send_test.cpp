#include "http/client/async_send.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

namespace drukbox::http {
namespace {

using namespace test;
namespace asio = boost::asio;

void stall(Peer& peer)
{
    peer.read_message();
    peer.wait_closed();
}

TransportFailure failure_of(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const TransportError& error) {
        return error.failure();
    }
}

/// Tells which thread the client's I/O thread is.
class WhichThread final : public Client::Completion
{
public:
    explicit WhichThread(std::promise<std::thread::id>& id)
        : id_(id)
    {
    }

    void complete(std::exception_ptr, Response) noexcept override
    {
        id_.set_value(std::this_thread::get_id());
    }

private:
    std::promise<std::thread::id>& id_;
};

TEST(AsyncSendTest, IsAwaitedWithoutAToken)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    asio::io_context io;
    const auto ask = [&]() -> asio::awaitable<std::string> {
        const Response response = co_await async_send(client, Request("GET", server.url()));
        co_return response.body;
    };
    auto body = asio::co_spawn(io, ask(), asio::use_future);
    io.run();
    EXPECT_EQ(body.get(), "hello");
}

TEST(AsyncSendTest, ThrowsTheTransportErrorIntoTheCoroutine)
{
    ScriptedServer server([](Peer& peer) { peer.read_message(); });
    Client client{ClientOptions()};
    asio::io_context io;
    const auto ask = [&]() -> asio::awaitable<void> {
        co_await async_send(client, Request("GET", server.url()));
    };
    auto done = asio::co_spawn(io, ask(), asio::use_future);
    io.run();
    EXPECT_THROW(done.get(), TransportError);
}

TEST(AsyncSendTest, KeepsTheExecutorBusyUntilTheHandlerHasRun)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    asio::io_context io;
    bool called = false;
    async_send(client, Request("GET", server.url()),
               asio::bind_executor(io, [&](std::exception_ptr, Response) { called = true; }));
    io.run();
    EXPECT_TRUE(called);
}

TEST(AsyncSendTest, TheHandlerRunsOnItsExecutorAndNotWithinTheCall)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    asio::io_context io;
    auto strand = asio::make_strand(io);
    bool initiated = false;
    asio::post(strand, [&] {
        async_send(client, Request("GET", server.url()),
                   asio::bind_executor(strand, [&](std::exception_ptr, Response) {
                       EXPECT_TRUE(initiated);
                       EXPECT_TRUE(strand.running_in_this_thread());
                   }));
        initiated = true;
    });
    io.run();
    EXPECT_TRUE(initiated);
}

TEST(AsyncSendTest, AHandlerWithoutAnExecutorNeverRunsOnTheIoThreadAndMayDestroyTheClient)
{
    ScriptedServer server(answer_all);
    auto client = std::make_unique<Client>(ClientOptions());
    std::promise<std::thread::id> io_thread;
    client->start(Request("GET", server.url()), std::make_unique<WhichThread>(io_thread));
    std::promise<std::thread::id> handler_thread;
    async_send(*client, Request("GET", server.url()), [&](std::exception_ptr, Response) {
        client.reset();
        handler_thread.set_value(std::this_thread::get_id());
    });
    EXPECT_NE(handler_thread.get_future().get(), io_thread.get_future().get());
}

TEST(AsyncSendTest, TheHandlerIsPostedOnceTheClientIsClosedToo)
{
    Client client{ClientOptions()};
    client.close();
    asio::io_context io;
    std::optional<TransportFailure> failure;
    async_send(client, Request("GET", "http://127.0.0.1:1/"),
               asio::bind_executor(io, [&](std::exception_ptr why, Response) { failure = failure_of(why); }));
    EXPECT_FALSE(failure);
    io.run();
    EXPECT_EQ(failure, TransportFailure::closed);
}

TEST(AsyncSendTest, EveryTypeOfCancellationClosesTheConnection)
{
    for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                            asio::cancellation_type::total}) {
        ScriptedServer server(stall);
        Client client{ClientOptions()};
        asio::io_context io;
        asio::cancellation_signal signal;
        std::optional<TransportFailure> failure;
        async_send(client, Request("GET", server.url()),
                   asio::bind_cancellation_slot(
                       signal.slot(), asio::bind_executor(io, [&](std::exception_ptr why, Response) {
                           failure = failure_of(why);
                       })));
        ASSERT_TRUE(eventually([&] { return server.open() == 1; }));
        signal.emit(type);
        io.run();
        EXPECT_EQ(failure, TransportFailure::cancelled);
        EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
        signal.emit(type); // the slot is empty again
    }
}

TEST(AsyncSendTest, CancelsAndAnswersMeetOnAStrandOfAPool)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    asio::thread_pool pool(3);
    std::atomic<int> completed = 0;
    constexpr int rounds = 300;
    const auto one = [&](int i) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        // Shared, since a timer that has expired may have its handler run after all else.
        const auto signal = std::make_shared<asio::cancellation_signal>();
        asio::steady_timer late(executor);
        if (i % 2 == 0) {
            late.expires_after(std::chrono::microseconds(20 * (i % 50)));
            late.async_wait([signal](boost::system::error_code error) {
                if (!error) {
                    signal->emit(asio::cancellation_type::total);
                }
            });
        }
        auto token = asio::bind_cancellation_slot(signal->slot(), asio::as_tuple(asio::use_awaitable));
        co_await async_send(client, Request("GET", server.url()), token);
        late.cancel();
        ++completed;
    };
    for (int i = 0; i < rounds; ++i) {
        asio::co_spawn(asio::make_strand(pool), one(i), asio::detached);
    }
    pool.join();
    EXPECT_EQ(completed, rounds);
}

TEST(AsyncSendTest, OneClientServesSeveralEventLoopsInTurn)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    for (int i = 0; i < 3; ++i) {
        asio::io_context io;
        auto answer =
            async_send(client, Request("GET", server.url()), asio::bind_executor(io, asio::use_future));
        io.run();
        EXPECT_EQ(answer.get().status, 200U);
    }
    EXPECT_EQ(server.accepted(), 1U);
}

} // namespace
} // namespace drukbox::http
