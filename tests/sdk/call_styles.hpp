#pragma once

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

namespace drukbox::sdk {

namespace asio = boost::asio;

/// What a call ended with, and whether its handler ran where it should.
template <class Result>
class Ending
{
public:
    Ending() = default;

    std::exception_ptr failure;
    std::optional<Result> result;
    bool on_executor = false;
};

class Nothing
{
};

/// A handler that records how it was called.
template <class Result, class Executor>
auto recorder(Ending<Result>& ending, Executor executor)
{
    return [&ending, executor](std::exception_ptr failure, auto... result) {
        ending.failure = std::move(failure);
        ending.result.emplace(std::move(result)...);
        ending.on_executor = executor.running_in_this_thread();
    };
}

/// Has `launch(executor, ending)` start something that an event loop then runs to its end.
template <class Result, class Launch>
Ending<Result> run_on_an_event_loop(const Launch& launch)
{
    asio::io_context io;
    Ending<Result> ending;
    launch(io.get_executor(), ending);
    EXPECT_FALSE(ending.result.has_value()) << "ran inside the initiating function";
    io.run();
    return ending;
}

// A call style runs `start(token)` to its end and says how it ended.

class UseAwaitable
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        return run_on_an_event_loop<Result>([&](const auto& executor, auto& ending) {
            const auto body = [&, executor]() -> asio::awaitable<void> {
                try {
                    if constexpr (std::is_same_v<Result, Nothing>) {
                        co_await start(asio::use_awaitable);
                        ending.result.emplace();
                    } else {
                        ending.result = co_await start(asio::use_awaitable);
                    }
                } catch (...) {
                    ending.failure = std::current_exception();
                }
                ending.on_executor = executor.running_in_this_thread();
            };
            asio::co_spawn(executor, body, asio::detached);
        });
    }
};

class AsTuple
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        return run_on_an_event_loop<Result>([&](const auto& executor, auto& ending) {
            const auto strand = asio::make_strand(executor);
            const auto body = [&, strand]() -> asio::awaitable<void> {
                auto tuple = co_await start(asio::as_tuple(asio::use_awaitable));
                std::apply(recorder(ending, strand), std::move(tuple));
            };
            asio::co_spawn(strand, body, asio::detached);
        });
    }
};

class Callback
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        return run_on_an_event_loop<Result>([&](const auto& executor, auto& ending) {
            start(asio::bind_executor(executor, recorder(ending, executor)));
        });
    }
};

class Deferred
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        return run_on_an_event_loop<Result>([&](const auto& executor, auto& ending) {
            auto operation = start(asio::deferred);
            std::move(operation)(asio::bind_executor(executor, recorder(ending, executor)));
        });
    }
};

class CallbackOnAStrandOfAThreadPool
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        asio::thread_pool pool{2};
        const auto strand = asio::make_strand(pool.get_executor());
        Ending<Result> ending;
        start(asio::bind_executor(strand, recorder(ending, strand)));
        pool.join();
        return ending;
    }
};

/// Stands for the system executor, which does not tell.
class AnyOtherThread
{
public:
    [[nodiscard]] bool running_in_this_thread() const { return std::this_thread::get_id() != initiator_; }

private:
    std::thread::id initiator_ = std::this_thread::get_id();
};

class CallbackWithoutAnExecutor
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        std::promise<void> called;
        Ending<Result> ending;
        auto record = recorder(ending, AnyOtherThread{});
        start([&, record](auto... results) mutable {
            record(std::move(results)...);
            called.set_value();
        });
        called.get_future().wait();
        return ending;
    }
};

class UseFuture
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        Ending<Result> ending;
        try {
            if constexpr (std::is_same_v<Result, Nothing>) {
                start(asio::use_future).get();
                ending.result.emplace();
            } else {
                ending.result = start(asio::use_future).get();
            }
        } catch (...) {
            ending.failure = std::current_exception();
        }
        ending.on_executor = true;
        return ending;
    }
};

using Styles = ::testing::Types<UseAwaitable, AsTuple, Callback, CallbackOnAStrandOfAThreadPool,
                                CallbackWithoutAnExecutor, UseFuture, Deferred>;

class StyleNames
{
public:
    template <class Style>
    static std::string GetName(int)
    {
        const std::string name = ::testing::internal::GetTypeName<Style>();
        return name.substr(name.rfind(':') + 1);
    }
};

} // namespace drukbox::sdk
