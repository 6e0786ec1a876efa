#pragma once

#include "service/runtime/signal.hpp"

#include <memory>
#include <utility>

namespace drukbox::service {

/// Ends the pause of the one coroutine that waits for it; notified while nobody waits, it ends the next
/// pause.
class Wakeup
{
public:
    explicit Wakeup(boost::asio::any_io_executor executor)
        : executor_(std::move(executor))
        , next_(std::make_unique<Signal>(executor_))
    {
    }

    void notify() { next_->set(); }

    /// Returns at a notification, or after `limit`.
    boost::asio::awaitable<void> wait(std::chrono::steady_clock::duration limit)
    {
        co_await next_->wait(limit);
        if (next_->is_set()) {
            next_ = std::make_unique<Signal>(executor_);
        }
    }

private:
    boost::asio::any_io_executor executor_;
    std::unique_ptr<Signal> next_;
};

} // namespace drukbox::service
