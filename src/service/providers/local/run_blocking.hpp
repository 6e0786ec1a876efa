#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace drukbox::service::local {

/// Runs what blocks on the pool, and continues the awaiting coroutine where it was. `function` returns a
/// default-constructible value; what it throws is thrown here.
template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function>> run_blocking(boost::asio::thread_pool& pool,
                                                                    Function function)
{
    using Result = std::invoke_result_t<Function>;
    auto start = [&pool](auto handler, Function task) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto work = boost::asio::make_work_guard(executor);
        auto run = [handler = std::move(handler), task = std::move(task), executor,
                    work = std::move(work)]() mutable {
            std::exception_ptr error;
            Result result{};
            try {
                result = task();
            } catch (...) {
                error = std::current_exception();
            }
            auto finish = [handler = std::move(handler), error, result = std::move(result)]() mutable {
                std::move(handler)(error, std::move(result));
            };
            boost::asio::dispatch(executor, std::move(finish));
        };
        boost::asio::post(pool, std::move(run));
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                       void(std::exception_ptr, Result)>(
        std::move(start), boost::asio::use_awaitable, std::move(function));
}

} // namespace drukbox::service::local
