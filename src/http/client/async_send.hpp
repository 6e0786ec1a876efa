#pragma once

#include "http/client/client.hpp"

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace drukbox::http {
namespace detail {

/// Joins a cancellation slot with a transfer. The slot must be filled before the transfer starts, since the
/// handler may run, on another thread, before start() has returned.
class CancelLink
{
public:
    CancelLink() = default;

    void cancel()
    {
        const std::lock_guard lock(mutex_);
        cancelled_ = true;
        if (transfer_) {
            transfer_->cancel();
        }
    }

    void attach(std::shared_ptr<Client::Transfer> transfer)
    {
        const std::lock_guard lock(mutex_);
        transfer_ = std::move(transfer);
        if (cancelled_) {
            transfer_->cancel();
        }
    }

private:
    std::mutex mutex_;
    bool cancelled_ = false;
    std::shared_ptr<Client::Transfer> transfer_;
};

/// Posts the outcome to the handler's executor, on which it keeps work outstanding until then.
template <typename Handler>
class PostedCompletion final : public Client::Completion
{
public:
    explicit PostedCompletion(Handler handler)
        : executor_(tracked(handler))
        , handler_(std::move(handler))
    {
    }

    void complete(std::exception_ptr failure, Response response) noexcept override
    {
        const auto allocator = boost::asio::get_associated_allocator(handler_);
        auto deliver = [handler = std::move(handler_), failure = std::move(failure),
                        response = std::move(response)]() mutable {
            if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
                slot.clear();
            }
            std::move(handler)(std::move(failure), std::move(response));
        };
        boost::asio::post(executor_, boost::asio::bind_allocator(allocator, std::move(deliver)));
    }

private:
    static auto tracked(const Handler& handler)
    {
        return boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                   boost::asio::execution::outstanding_work.tracked);
    }

    decltype(tracked(std::declval<const Handler&>())) executor_;
    Handler handler_;
};

class InitiateSend
{
public:
    template <typename Handler>
    void operator()(Handler&& handler, Client* client, Request request) const
    {
        using boost::asio::cancellation_type;
        std::shared_ptr<CancelLink> link;
        if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            link = std::make_shared<CancelLink>();
            slot.assign([link](cancellation_type type) {
                if (type != cancellation_type::none) {
                    link->cancel();
                }
            });
        }
        using Completion = PostedCompletion<std::decay_t<Handler>>;
        auto transfer =
            client->start(std::move(request), std::make_unique<Completion>(std::forward<Handler>(handler)));
        if (link) {
            link->attach(std::move(transfer));
        }
    }
};

} // namespace detail

/// Sends a request and waits for the whole answer.
///
/// Handler signature: `void(std::exception_ptr, Response)`; the exception is a TransportError.
/// Executor: the handler is posted to its associated executor, on which work stays outstanding until then; it
/// never runs on the client's I/O thread nor within this call. Cancellation: terminal, partial and total each
/// close the connection and complete with TransportFailure::cancelled. Whether the server has carried the
/// request out is then unknown. Lifetimes: the client may be destroyed while a request is under way, the
/// executor's context may not.
template <typename CompletionToken = boost::asio::use_awaitable_t<>>
auto async_send(Client& client, Request request, CompletionToken&& token = CompletionToken())
{
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, Response)>(
        detail::InitiateSend(), token, &client, std::move(request));
}

} // namespace drukbox::http
