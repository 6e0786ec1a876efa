#pragma once

#include "service/runtime/signal.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <utility>

namespace drukbox::service {

/// One mutual exclusion per key among the coroutines of one thread. Keys that nobody holds cost nothing. A
/// lock may outlive the mutex: a coroutine that holds one is destroyed with its reactor, after everything
/// else.
template <class Key>
class KeyedMutex
{
    struct State
    {
        explicit State(boost::asio::any_io_executor on)
            : executor(std::move(on))
        {
        }

        boost::asio::any_io_executor executor;
        std::map<Key, std::shared_ptr<Signal>> released;
    };

public:
    /// Held until it is destroyed.
    class Lock
    {
    public:
        Lock(std::shared_ptr<State> state, Key key)
            : state_(std::move(state))
            , key_(std::move(key))
        {
        }

        Lock(Lock&&) noexcept = default;
        Lock& operator=(Lock&&) = delete;

        ~Lock()
        {
            if (state_) {
                const auto released = state_->released.extract(key_).mapped();
                released->set();
            }
        }

    private:
        std::shared_ptr<State> state_;
        Key key_;
    };

    explicit KeyedMutex(boost::asio::any_io_executor executor)
        : state_(std::make_shared<State>(std::move(executor)))
    {
    }

    /// Waits until nobody else holds the key.
    boost::asio::awaitable<Lock> lock(Key key)
    {
        const auto state = state_;
        for (auto held = state->released.find(key); held != state->released.end();
             held = state->released.find(key)) {
            const auto released = held->second;
            co_await released->wait();
        }
        state->released.emplace(key, std::make_shared<Signal>(state->executor));
        co_return Lock{state, std::move(key)};
    }

private:
    std::shared_ptr<State> state_;
};

} // namespace drukbox::service
