#pragma once

#include "service/runtime/signal.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <utility>

namespace drukbox::service {

/// One mutual exclusion per key among the coroutines of one thread. Keys that nobody holds cost nothing.
template <class Key>
class KeyedMutex
{
    struct Entry
    {
        explicit Entry(const boost::asio::any_io_executor& executor)
            : released(executor)
        {
        }

        Signal released;
    };

public:
    /// Held until it is destroyed.
    class Lock
    {
    public:
        Lock(KeyedMutex& mutex, Key key)
            : mutex_(&mutex)
            , key_(std::move(key))
        {
        }

        Lock(Lock&& other) noexcept
            : mutex_(std::exchange(other.mutex_, nullptr))
            , key_(std::move(other.key_))
        {
        }

        Lock& operator=(Lock&&) = delete;

        ~Lock()
        {
            if (mutex_ != nullptr) {
                mutex_->release(key_);
            }
        }

    private:
        KeyedMutex* mutex_;
        Key key_;
    };

    explicit KeyedMutex(boost::asio::any_io_executor executor)
        : executor_(std::move(executor))
    {
    }

    /// Waits until nobody else holds the key.
    boost::asio::awaitable<Lock> lock(Key key)
    {
        for (auto held = held_.find(key); held != held_.end(); held = held_.find(key)) {
            const auto entry = held->second;
            co_await entry->released.wait();
        }
        held_.emplace(key, std::make_shared<Entry>(executor_));
        co_return Lock{*this, key};
    }

private:
    void release(const Key& key)
    {
        const auto node = held_.extract(key);
        node.mapped()->released.set();
    }

    boost::asio::any_io_executor executor_;
    std::map<Key, std::shared_ptr<Entry>> held_;
};

} // namespace drukbox::service
