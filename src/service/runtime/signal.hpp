#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <list>

namespace drukbox::service {

/// Something that happens once and that any number of coroutines of one thread wait for.
class Signal
{
public:
    explicit Signal(boost::asio::any_io_executor executor)
        : executor_(std::move(executor))
    {
    }

    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    void set()
    {
        set_ = true;
        for (auto& waiter : waiters_) {
            waiter.cancel();
        }
    }

    [[nodiscard]] bool is_set() const noexcept { return set_; }

    /// Waits until it has happened, or for `limit`; true when it has happened.
    boost::asio::awaitable<bool> wait(std::chrono::steady_clock::duration limit = std::chrono::hours{24 *
                                                                                                     365})
    {
        if (!set_) {
            const auto waiter = waiters_.emplace(waiters_.end(), executor_, limit);
            co_await waiter->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            waiters_.erase(waiter);
        }
        co_return set_;
    }

private:
    boost::asio::any_io_executor executor_;
    bool set_ = false;
    std::list<boost::asio::steady_timer> waiters_;
};

} // namespace drukbox::service
