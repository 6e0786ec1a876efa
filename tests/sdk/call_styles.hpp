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
    if constexpr (std::is_same_v<Result, Nothing>) {
        return [&ending, executor](std::exception_ptr failure) {
            ending.failure = std::move(failure);
            ending.result = Nothing{};
            ending.on_executor = executor.running_in_this_thread();
        };
    } else {
        return [&ending, executor](std::exception_ptr failure, Result result) {
            ending.failure = std::move(failure);
            ending.result = std::move(result);
            ending.on_executor = executor.running_in_this_thread();
        };
    }
}

// A call style runs `start(token)` to its end and says how it ended.

class UseAwaitable
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        asio::io_context io;
        Ending<Result> ending;
        const auto body = [&]() -> asio::awaitable<void> {
            try {
                if constexpr (std::is_same_v<Result, Nothing>) {
                    co_await start(asio::use_awaitable);
                    ending.result = Nothing{};
                } else {
                    ending.result = co_await start(asio::use_awaitable);
                }
            } catch (...) {
                ending.failure = std::current_exception();
            }
            ending.on_executor = io.get_executor().running_in_this_thread();
        };
        asio::co_spawn(io, body, asio::detached);
        io.run();
        return ending;
    }
};

class AsTuple
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        asio::io_context io;
        auto strand = asio::make_strand(io);
        Ending<Result> ending;
        const auto body = [&]() -> asio::awaitable<void> {
            auto tuple = co_await start(asio::as_tuple(asio::use_awaitable));
            ending.failure = std::get<0>(tuple);
            if constexpr (std::is_same_v<Result, Nothing>) {
                ending.result = Nothing{};
            } else {
                ending.result = std::get<1>(std::move(tuple));
            }
            ending.on_executor = strand.running_in_this_thread();
        };
        asio::co_spawn(strand, body, asio::detached);
        io.run();
        return ending;
    }
};

class Callback
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        asio::io_context io;
        Ending<Result> ending;
        const auto executor = io.get_executor();
        start(asio::bind_executor(executor, recorder(ending, executor)));
        EXPECT_FALSE(ending.result.has_value()) << "ran inside the initiating function";
        io.run();
        return ending;
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
                ending.result = Nothing{};
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

class Deferred
{
public:
    template <class Result, class Start>
    static Ending<Result> run(const Start& start)
    {
        asio::io_context io;
        Ending<Result> ending;
        const auto executor = io.get_executor();
        auto operation = start(asio::deferred);
        std::move(operation)(asio::bind_executor(executor, recorder(ending, executor)));
        io.run();
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
