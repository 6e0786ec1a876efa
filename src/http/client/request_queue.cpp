#include "http/client/request_queue.hpp"

namespace drukbox::http {

RequestQueue::Ticket RequestQueue::enqueue(Lane lane, TimePoint deadline)
{
    const Ticket ticket = ++last_ticket_;
    (lane == Lane::lengthy ? lengthy_ : brief_).emplace(ticket, deadline);
    if (deadline != no_deadline) {
        deadlines_.emplace(deadline, ticket);
    }
    return ticket;
}

std::optional<RequestQueue::Ticket> RequestQueue::admit()
{
    if (in_flight_ >= connections_) {
        return std::nullopt;
    }
    const bool lengthy_may_start = !lengthy_.empty() && lengthy_in_flight_ < lengthy_connections_;
    const bool lengthy_is_next =
        lengthy_may_start && (brief_.empty() || lengthy_.begin()->first < brief_.begin()->first);
    if (!lengthy_is_next && brief_.empty()) {
        return std::nullopt;
    }
    Waiting& lane = lengthy_is_next ? lengthy_ : brief_;
    const Ticket ticket = lane.begin()->first;
    remove(lane, lane.begin());
    ++in_flight_;
    lengthy_in_flight_ += lengthy_is_next ? 1 : 0;
    return ticket;
}

std::optional<RequestQueue::Ticket> RequestQueue::expire(TimePoint now)
{
    if (deadlines_.empty() || deadlines_.begin()->first > now) {
        return std::nullopt;
    }
    const Ticket ticket = deadlines_.begin()->second;
    withdraw(ticket);
    return ticket;
}

void RequestQueue::withdraw(Ticket ticket)
{
    for (Waiting* lane : {&brief_, &lengthy_}) {
        if (const auto position = lane->find(ticket); position != lane->end()) {
            remove(*lane, position);
        }
    }
}

void RequestQueue::release(Lane lane) noexcept
{
    --in_flight_;
    lengthy_in_flight_ -= lane == Lane::lengthy ? 1 : 0;
}

RequestQueue::TimePoint RequestQueue::next_deadline() const noexcept
{
    return deadlines_.empty() ? no_deadline : deadlines_.begin()->first;
}

void RequestQueue::remove(Waiting& lane, Waiting::iterator position)
{
    deadlines_.erase({position->second, position->first});
    lane.erase(position);
}

} // namespace drukbox::http
