#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace drukbox::service {

/// Runs `work` on a thread of `pool` and resumes the awaiting coroutine on its own executor with the result.
/// What `work` throws is thrown there. Once begun it is not cancelled.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> run_blocking(boost::asio::thread_pool& pool, Work work)
{
    using Result = std::invoke_result_t<Work&>;
    using Slot = std::conditional_t<std::is_void_v<Result>, bool, std::optional<Result>>;

    struct State
    {
        explicit State(Work task)
            : work(std::move(task))
        {
        }

        Work work;
        Slot result{};
    };

    auto state = std::make_shared<State>(std::move(work));
    auto initiate = [&pool, state](auto handler) {
        auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                            boost::asio::execution::outstanding_work.tracked);
        boost::asio::post(pool, [state, executor, handler = std::move(handler)]() mutable {
            std::exception_ptr failure;
            try {
                if constexpr (std::is_void_v<Result>) {
                    state->work();
                } else {
                    state->result.emplace(state->work());
                }
            } catch (...) {
                failure = std::current_exception();
            }
            // The failure moves along: its last owner must be the thread that looks at it.
            boost::asio::post(executor,
                              [failure = std::move(failure), handler = std::move(handler)]() mutable {
                                  std::move(handler)(std::move(failure));
                              });
        });
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::exception_ptr)>(
        initiate, boost::asio::use_awaitable);
    if constexpr (!std::is_void_v<Result>) {
        co_return std::move(*state->result);
    }
}

} // namespace drukbox::service
