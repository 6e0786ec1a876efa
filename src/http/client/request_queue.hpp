#pragma once

#include "http/client/client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace drukbox::http {

/// Decides which request gets a connection next: the oldest one whose lane has room. Lengthy requests leave
/// `reserved_for_brief` connections alone. Does no I/O and reads no clock.
class RequestQueue
{
public:
    using Ticket = std::uint64_t;
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr TimePoint no_deadline = TimePoint::max();

    RequestQueue(std::size_t connections, std::size_t reserved_for_brief) noexcept
        : connections_(connections)
        , lengthy_connections_(connections - reserved_for_brief)
    {
    }

    /// Puts a request at the end of the queue.
    Ticket enqueue(Lane lane, TimePoint deadline);

    /// Takes the next request that may start out of the queue. It counts as in flight until release().
    [[nodiscard]] std::optional<Ticket> admit();

    /// Takes one request that has waited until its deadline out of the queue.
    [[nodiscard]] std::optional<Ticket> expire(TimePoint now);

    /// Takes a request out of the queue, if it is still there.
    void withdraw(Ticket ticket);

    /// A request that was admitted has ended.
    void release(Lane lane) noexcept;

    [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

    /// When expire() has something to do; no_deadline: never.
    [[nodiscard]] TimePoint next_deadline() const noexcept;

private:
    using Waiting = std::map<Ticket, TimePoint>;

    void remove(Waiting& lane, Waiting::iterator position);

    std::size_t connections_;
    std::size_t lengthy_connections_;
    std::size_t in_flight_ = 0;
    std::size_t lengthy_in_flight_ = 0;
    Ticket last_ticket_ = 0;
    Waiting brief_;
    Waiting lengthy_;
    std::set<std::pair<TimePoint, Ticket>> deadlines_;
};

} // namespace drukbox::http
