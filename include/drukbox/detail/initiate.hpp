#pragma once

#include <drukbox/detail/operation.hpp>
#include <drukbox/detail/pending_handler.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

// Any completion token over an Operation. Not for direct use.
namespace drukbox::inline v0::detail {

template <class Result>
class SignatureOf
{
public:
    using type = void(std::exception_ptr, Result);
};

template <>
class SignatureOf<void>
{
public:
    using type = void(std::exception_ptr);
};

template <class Result>
using Signature = typename SignatureOf<Result>::type;

/// What is posted to the handler's executor: decodes the outcome and calls the handler with it.
template <class Result, class Handler>
class Delivery
{
public:
    Delivery(Handler handler, Outcome outcome)
        : handler_(std::move(handler))
        , outcome_(std::move(outcome))
    {
    }

    [[nodiscard]] const Handler& handler() const noexcept { return handler_; }

    void operator()()
    {
        auto slot = boost::asio::get_associated_cancellation_slot(handler_);
        if (slot.is_connected()) {
            slot.clear();
        }
        std::exception_ptr failure;
        if constexpr (std::is_void_v<Result>) {
            try {
                decode<void>(std::move(outcome_));
            } catch (...) {
                failure = std::current_exception();
            }
            std::move(handler_)(std::move(failure));
        } else {
            Result result{};
            try {
                result = decode<Result>(std::move(outcome_));
            } catch (...) {
                failure = std::current_exception();
            }
            std::move(handler_)(std::move(failure), std::move(result));
        }
    }

private:
    Handler handler_;
    Outcome outcome_;
};

/// Keeps a caller's handler until the outcome is there, in memory of the handler's allocator, with work held
/// on its executor.
template <class Result, class Handler>
class HandlerHolder final : public PendingHandler
{
    using Executor = boost::asio::associated_executor_t<Handler>;
    using Allocator = typename std::allocator_traits<
        boost::asio::associated_allocator_t<Handler>>::template rebind_alloc<HandlerHolder>;
    using Traits = std::allocator_traits<Allocator>;

public:
    explicit HandlerHolder(Handler&& handler)
        : handler_(std::move(handler))
        , work_(boost::asio::get_associated_executor(handler_))
    {
    }

    static PendingHandlerPtr make(Handler handler)
    {
        Allocator allocator{boost::asio::get_associated_allocator(handler)};
        HandlerHolder* const self = Traits::allocate(allocator, 1);
        try {
            return PendingHandlerPtr{std::construct_at(self, std::move(handler))};
        } catch (...) {
            Traits::deallocate(allocator, self, 1);
            throw;
        }
    }

    boost::asio::execution_context* context() const noexcept override
    {
        if constexpr (boost::asio::can_query_v<Executor, boost::asio::execution::context_t>) {
            return &boost::asio::query(work_.get_executor(), boost::asio::execution::context);
        } else {
            return nullptr;
        }
    }

    void deliver(Outcome outcome) noexcept override
    {
        // The memory goes back before the handler runs, which may want it for its next operation.
        const auto work = std::move(work_);
        Delivery<Result, Handler> delivery{std::move(handler_), std::move(outcome)};
        release(boost::asio::get_associated_allocator(delivery.handler()));
        boost::asio::post(std::move(delivery));
    }

    void discard() noexcept override
    {
        const auto work = std::move(work_);
        const Handler handler{std::move(handler_)};
        release(boost::asio::get_associated_allocator(handler));
    }

private:
    void release(Allocator allocator) noexcept
    {
        std::destroy_at(this);
        Traits::deallocate(allocator, this, 1);
    }

    Handler handler_;
    boost::asio::executor_work_guard<Executor> work_;
};

/// Starts an operation for a handler.
template <class Result>
class Initiation
{
public:
    template <class Handler>
    void operator()(Handler&& handler, const Operation& operation) const
    {
        const std::shared_ptr<Call> call = operation.prepare();
        // Before the start: afterwards the handler may already run, elsewhere.
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<Call>{call}](boost::asio::cancellation_type type) {
                const auto running = weak.lock();
                if (running && type != boost::asio::cancellation_type::none) {
                    running->cancel();
                }
            });
        }
        auto pending = HandlerHolder<Result, std::decay_t<Handler>>::make(std::forward<Handler>(handler));
        call->start(receiver_for(std::move(pending), call));
    }
};

template <class Result, class CompletionToken>
auto initiate(Operation operation, CompletionToken&& token)
{
    return boost::asio::async_initiate<CompletionToken, Signature<Result>>(Initiation<Result>{}, token,
                                                                           std::move(operation));
}

} // namespace drukbox::inline v0::detail

template <template <class, class> class Associator, class Result, class Handler, class DefaultCandidate>
struct boost::asio::associator<Associator, drukbox::detail::Delivery<Result, Handler>, DefaultCandidate>
    : Associator<Handler, DefaultCandidate>
{
    static auto get(const drukbox::detail::Delivery<Result, Handler>& delivery) noexcept
    {
        return Associator<Handler, DefaultCandidate>::get(delivery.handler());
    }

    static auto get(const drukbox::detail::Delivery<Result, Handler>& delivery,
                    const DefaultCandidate& candidate) noexcept
    {
        return Associator<Handler, DefaultCandidate>::get(delivery.handler(), candidate);
    }
};
