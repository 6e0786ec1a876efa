#include "keeper/event_loop.hpp"

#include "posix/file.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/epoll.h>

namespace drukbox::keeper {

EventLoop::EventLoop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC))
{
    if (!epoll_)
        throw posix::failure("epoll_create1");
}

void EventLoop::add(int fd, std::uint32_t events, Handler handler)
{
    epoll_event event{};
    event.events = events;
    event.data.u64 = (std::uint64_t{++generation_} << 32U) | static_cast<std::uint32_t>(fd);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        throw posix::failure("epoll_ctl");
    handlers_[fd] = {generation_, std::make_shared<Handler>(std::move(handler))};
}

void EventLoop::remove(int fd) noexcept
{
    if (handlers_.erase(fd) > 0)
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void EventLoop::run()
{
    std::array<epoll_event, 64> events{};
    while (!stopped_) {
        const int ready =
            ::epoll_wait(epoll_.get(), events.data(), events.size(), deferred_.empty() ? -1 : 0);
        if (ready < 0 && errno != EINTR)
            throw posix::failure("epoll_wait");
        for (int i = 0; i < ready && !stopped_; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            // A handler before this one may have removed it, and another one reused the number.
            const auto found = handlers_.find(static_cast<int>(event.data.u64 & 0xffffffffU));
            if (found == handlers_.end() || found->second.first != event.data.u64 >> 32U)
                continue;
            const std::shared_ptr<Handler> handler = found->second.second;
            (*handler)(event.events);
        }
        for (const auto& task : std::exchange(deferred_, {}))
            task();
    }
}

} // namespace drukbox::keeper
