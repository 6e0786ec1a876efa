#include "sdk/sample.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// How calls end before their answer: cancelled, closed, abandoned.
namespace drukbox::sdk {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;

bool is_aborted(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

bool is_closed(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const SandboxUnavailableError& error) {
        return !error.retryable() && error.status() == 0;
    } catch (...) {
        return false;
    }
}

class EndingTest : public ::testing::Test
{
protected:
    EndingTest() { service_.answer_always(Answer::json(200, sample_json()).held()); }

    FakeService service_;
    std::optional<SandboxAPI> api_{std::in_place, service_.url(), "t"};
};

class CancellationTest : public EndingTest, public ::testing::WithParamInterface<asio::cancellation_type>
{
};

TEST_P(CancellationTest, ClosesTheConnectionAndCompletesPromptly)
{
    asio::io_context io;
    asio::cancellation_signal signal;
    std::exception_ptr failure;
    const auto handler = [&failure](std::exception_ptr f, const SandboxHost&) { failure = std::move(f); };
    api_->create_host(CreateHostRequest{},
                      asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(io, handler)));
    const std::jthread canceller{[&] {
        ASSERT_TRUE(service_.wait_for_requests(1));
        asio::post(io, [&] { signal.emit(GetParam()); });
    }};
    EXPECT_EQ(io.run(), 2U);
    EXPECT_TRUE(is_aborted(failure));
    EXPECT_TRUE(service_.wait_until_connections_open(0));
}

INSTANTIATE_TEST_SUITE_P(Types, CancellationTest,
                         ::testing::Values(asio::cancellation_type::terminal,
                                           asio::cancellation_type::partial, asio::cancellation_type::total,
                                           asio::cancellation_type::all));

TEST_F(EndingTest, ACoroutineMayRaceACallAgainstATimer)
{
    using namespace asio::experimental::awaitable_operators;
    asio::io_context io;
    std::size_t winner = 0;
    const auto body = [&]() -> asio::awaitable<void> {
        asio::steady_timer timer{io, 20ms};
        auto call = api_->get_host(host_id);
        auto deadline = timer.async_wait(asio::use_awaitable);
        const auto result = co_await (std::move(call) || std::move(deadline));
        winner = result.index();
    };
    asio::co_spawn(io, body, asio::detached);
    io.run();
    EXPECT_EQ(winner, 1U);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
}

TEST_F(EndingTest, ACancelledCoroutineCancelsItsCall)
{
    asio::io_context io;
    asio::cancellation_signal signal;
    std::exception_ptr failure;
    const auto body = [&]() -> asio::awaitable<void> { co_await api_->get_host(host_id); };
    const auto done = [&failure](std::exception_ptr f) { failure = std::move(f); };
    asio::co_spawn(io, body, asio::bind_cancellation_slot(signal.slot(), done));
    const std::jthread canceller{[&] {
        ASSERT_TRUE(service_.wait_for_requests(1));
        asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
    }};
    io.run();
    EXPECT_TRUE(is_aborted(failure));
}

TEST_F(EndingTest, ACancellationThatComesTooLateDoesNothing)
{
    service_.release();
    asio::io_context io;
    asio::cancellation_signal signal;
    std::exception_ptr failure;
    const auto handler = [&](std::exception_ptr f, const SandboxHost&) {
        failure = std::move(f);
        signal.emit(asio::cancellation_type::terminal);
    };
    api_->get_host(host_id, asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(io, handler)));
    io.run();
    signal.emit(asio::cancellation_type::terminal);
    EXPECT_EQ(failure, nullptr);
}

TEST_F(EndingTest, CallsThatAreCancelledAtOnceEndOnceEach)
{
    constexpr int calls = 200;
    asio::io_context io;
    int ended = 0;
    for (int i = 0; i < calls; ++i) {
        asio::cancellation_signal signal;
        const auto handler = [&ended](std::exception_ptr failure, const SandboxHost&) {
            EXPECT_TRUE(is_aborted(failure));
            ++ended;
        };
        api_->get_host(host_id,
                       asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(io, handler)));
        signal.emit(asio::cancellation_type::total);
        io.run();
        io.restart();
    }
    EXPECT_EQ(ended, calls);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
}

class InFlightTest : public EndingTest
{
protected:
    static constexpr std::size_t calls = 10;

    void start()
    {
        for (std::size_t i = 0; i < calls; ++i) {
            const auto handler = [this](std::exception_ptr failure, const SandboxHost&) {
                EXPECT_TRUE(is_closed(failure));
                ++ended_;
            };
            api_->create_host(CreateHostRequest{}, asio::bind_executor(io_, handler));
        }
        ASSERT_TRUE(service_.wait_for_requests(calls));
    }

    asio::io_context io_;
    std::size_t ended_ = 0;
};

TEST_F(InFlightTest, CloseEndsEachOnceWithAnError)
{
    start();
    api_->close();
    api_->close();
    io_.run();
    EXPECT_EQ(ended_, calls);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
}

TEST_F(InFlightTest, DestroyingTheLastHandleEndsEachOnceWithAnError)
{
    start();
    {
        const SandboxAPI copy{*api_};
        api_.reset();
        EXPECT_EQ(service_.connections_open(), calls) << "a copy keeps them";
    }
    EXPECT_EQ(ended_, 0U) << "handlers run on their executor only";
    io_.run();
    EXPECT_EQ(ended_, calls);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
}

TEST_F(EndingTest, ACallOfAClosedClientFails)
{
    api_->close();
    const SandboxClient client{*api_};
    try {
        (void)client.get_host(host_id);
        ADD_FAILURE();
    } catch (...) {
        EXPECT_TRUE(is_closed(std::current_exception()));
    }
    EXPECT_EQ(service_.connections_opened(), 0U);
}

TEST_F(EndingTest, AnOperationThatOutlivesItsClientFails)
{
    asio::io_context io;
    std::exception_ptr failure;
    const auto handler = [&failure](std::exception_ptr f, const SandboxHost&) { failure = std::move(f); };
    auto operation = api_->get_host(host_id, asio::deferred);
    api_.reset();
    std::move(operation)(asio::bind_executor(io, handler));
    io.run();
    EXPECT_TRUE(is_closed(failure));
}

TEST_F(EndingTest, CloseEndsACallThatBlocksAnotherThread)
{
    SandboxClient client{*api_};
    const std::jthread closer{[&] {
        ASSERT_TRUE(service_.wait_for_requests(1));
        client.close();
    }};
    EXPECT_THROW((void)client.get_host(host_id), SandboxUnavailableError);
}

TEST_F(EndingTest, AHandlerWhoseContextEndsFirstEndsWithItAndItsCallIsCancelled)
{
    auto witness = std::make_shared<int>(0);
    {
        asio::io_context io;
        const auto body = [&, held = witness]() -> asio::awaitable<void> {
            const auto mine = held;
            co_await api_->get_host(host_id);
            ADD_FAILURE();
        };
        asio::co_spawn(io, body, asio::detached);
        asio::post(io, [this, &io] {
            ASSERT_TRUE(service_.wait_for_requests(1));
            io.stop();
        });
        io.run();
        EXPECT_GT(witness.use_count(), 1);
    }
    EXPECT_EQ(witness.use_count(), 1);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
    service_.answer(Answer::json(200, sample_json()));
    EXPECT_EQ(SandboxClient{*api_}.get_host(host_id), sample_host()) << "the client lives on";
}

TEST_F(EndingTest, AContextMayEndInTheMiddleOfAnAnswer)
{
    service_.release();
    for (int round = 0; round < 200; ++round) {
        asio::thread_pool pool{1};
        for (int call = 0; call < 4; ++call) {
            const auto handler = [](std::exception_ptr, const SandboxHost&) {};
            api_->get_host(host_id, asio::bind_executor(pool, handler));
        }
        ASSERT_TRUE(service_.wait_for_requests(static_cast<std::size_t>(round) + 1));
        pool.stop();
    }
}

TEST_F(EndingTest, AHandlerThatOwnsTheClientMayEndWithItsContext)
{
    {
        asio::io_context io;
        SandboxAPI api = *std::exchange(api_, std::nullopt);
        const SandboxAPI& used = api;
        auto handler = [owned = api](std::exception_ptr, const SandboxHost&) { ADD_FAILURE(); };
        used.get_host(host_id, asio::bind_executor(io, std::move(handler)));
        ASSERT_TRUE(service_.wait_for_requests(1));
        {
            const SandboxAPI last{std::move(api)};
        }
    }
    EXPECT_TRUE(service_.wait_until_connections_open(0));
}

TEST_F(EndingTest, ADeleteDoesNotWaitBehindTwentyCreates)
{
    asio::io_context io;
    for (int i = 0; i < 20; ++i) {
        const auto handler = [](std::exception_ptr, const SandboxHost&) {};
        api_->create_host(CreateHostRequest{}, asio::bind_executor(io, handler));
    }
    ASSERT_TRUE(service_.wait_for_requests(18));
    service_.answer(Answer::empty(204));
    SandboxClient{*api_}.with_timeout(10s).delete_host(host_id);
    api_->close();
    io.run();
}

TEST_F(EndingTest, CallsAndCloseFromManyThreadsDoNotDisturbEachOther)
{
    service_.release();
    std::atomic<int> ended{0};
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i) {
            workers.emplace_back([this, &ended] {
                const SandboxClient client{*api_};
                for (int call = 0; call < 50; ++call) {
                    try {
                        (void)client.get_host(host_id);
                    } catch (const SandboxUnavailableError&) {
                    }
                    ++ended;
                }
            });
        }
        ASSERT_TRUE(service_.wait_for_requests(20));
        api_->close();
    }
    EXPECT_EQ(ended, 200);
}

} // namespace
} // namespace drukbox::sdk
