#pragma once

#include <drukbox/testing/recorded_request.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace drukbox::inline v0::testing::detail {

/// What has happened so far. Thread safe.
class Ledger
{
public:
    class Entries
    {
    public:
        std::vector<RecordedRequest> requests;
        std::size_t connections_opened = 0;
        std::size_t connections_open = 0;
        std::size_t answers_held = 0;
    };

    Ledger() = default;

    template <class Change>
    void change(const Change& change)
    {
        {
            const std::lock_guard lock{mutex_};
            change(entries_);
        }
        changed_.notify_all();
    }

    template <class Reader>
    [[nodiscard]] auto read(const Reader& reader) const
    {
        const std::lock_guard lock{mutex_};
        return reader(std::as_const(entries_));
    }

    template <class Condition>
    [[nodiscard]] bool wait(std::chrono::milliseconds timeout, const Condition& condition) const
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, timeout, [&] { return condition(std::as_const(entries_)); });
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    Entries entries_;
};

/// Counts something in a ledger for as long as it lives.
class Counted
{
public:
    using Counter = std::size_t Ledger::Entries::*;

    Counted(Ledger& ledger, Counter counter)
        : ledger_(ledger)
        , counter_(counter)
    {
        ledger_.change([this](Ledger::Entries& entries) { ++(entries.*counter_); });
    }

    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    ~Counted()
    {
        ledger_.change([this](Ledger::Entries& entries) { --(entries.*counter_); });
    }

private:
    Ledger& ledger_;
    Counter counter_;
};

} // namespace drukbox::inline v0::testing::detail
