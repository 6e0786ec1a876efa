#include "keeper/event_loop.hpp"

#include "posix/file.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace drukbox::keeper {

void EventLoop::add(int fd, short events, Handler handler)
{
    auto watched = std::make_shared<Watched>();
    watched->events = events;
    watched->handler = std::move(handler);
    watched_[fd] = std::move(watched);
}

void EventLoop::change(int fd, short events)
{
    if (const auto found = watched_.find(fd); found != watched_.end()) {
        found->second->events = events;
    }
}

void EventLoop::pause(int fd, std::chrono::milliseconds time)
{
    if (const auto found = watched_.find(fd); found != watched_.end()) {
        found->second->from = Clock::now() + time;
    }
}

/// Returns for how long to wait at most, as poll() takes it.
int EventLoop::collect()
{
    entries_.clear();
    owners_.clear();
    int patience = -1;
    const Clock::time_point now = Clock::now();
    for (const auto& [fd, watched] : watched_) {
        if (watched->from > now) {
            // Rounded up, so that it is not too early by a fraction of a millisecond.
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(watched->from - now).count() + 1;
            patience = patience < 0 ? static_cast<int>(left) : std::min(patience, static_cast<int>(left));
        } else if (watched->events != nothing) {
            entries_.push_back({fd, watched->events, 0});
            owners_.push_back(watched);
        }
    }
    return patience;
}

void EventLoop::run()
{
    while (!stopped_) {
        const int patience = collect();
        const int ready = ::poll(entries_.data(), entries_.size(), patience);
        // Out of memory for a moment: there is nothing better to do than to ask again.
        if (ready < 0 && errno != EINTR && errno != EAGAIN && errno != ENOMEM) {
            throw posix::failure("poll");
        }
        for (std::size_t i = 0; ready > 0 && i < entries_.size() && !stopped_; ++i) {
            const auto [fd, wanted, events] = entries_[i];
            if (events == 0) {
                continue;
            }
            // A handler before this one may have removed it, and another one reused the number.
            const auto found = watched_.find(fd);
            if (found != watched_.end() && found->second == owners_[i]) {
                owners_[i]->handler(events);
            }
        }
    }
}

} // namespace drukbox::keeper
