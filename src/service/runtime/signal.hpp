#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <utility>

namespace drukbox::service {

/// Something that happens once and that any number of coroutines of one thread wait for. The signal and a
/// coroutine that waits for it may be destroyed in either order.
class Signal
{
public:
    explicit Signal(boost::asio::any_io_executor executor)
        : state_(std::make_shared<State>(std::move(executor)))
    {
    }

    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    void set()
    {
        state_->set = true;
        for (auto& waiter : state_->waiters) {
            waiter.cancel();
        }
    }

    [[nodiscard]] bool is_set() const noexcept { return state_->set; }

    /// Waits until it has happened, or for `limit`; true when it has happened.
    boost::asio::awaitable<bool> wait(std::chrono::steady_clock::duration limit = std::chrono::hours{24 *
                                                                                                     365})
    {
        const auto state = state_;
        if (!state->set) {
            const Waiter waiter{*state, limit};
            co_await waiter.timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
        co_return state->set;
    }

private:
    struct State
    {
        explicit State(boost::asio::any_io_executor on)
            : executor(std::move(on))
        {
        }

        boost::asio::any_io_executor executor;
        bool set = false;
        std::list<boost::asio::steady_timer> waiters;
    };

    /// A timer in the list for as long as a coroutine waits on it, also one that is destroyed while it waits.
    struct Waiter
    {
        Waiter(State& in, std::chrono::steady_clock::duration limit)
            : state(in)
            , timer(in.waiters.emplace(in.waiters.end(), in.executor, limit))
        {
        }

        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;

        ~Waiter() { state.waiters.erase(timer); }

        State& state;
        std::list<boost::asio::steady_timer>::iterator timer;
    };

    std::shared_ptr<State> state_;
};

} // namespace drukbox::service
