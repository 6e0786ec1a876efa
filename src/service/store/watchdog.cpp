#include "service/store/watchdog.hpp"

#include "service/runtime/log.hpp"

#include <sys/socket.h>

namespace drukbox::service {

Watchdog::Watchdog(std::chrono::steady_clock::duration limit)
    : limit_(limit)
    , thread_([this](const std::stop_token& stop) { run(stop); })
{
}

Watchdog::Guard::Guard(Watchdog& watchdog, int socket)
    : watchdog_(watchdog)
{
    const std::lock_guard lock{watchdog_.mutex_};
    watched_ = watchdog_.watched_.insert(watchdog_.watched_.end(),
                                         {socket, std::chrono::steady_clock::now() + watchdog_.limit_});
}

Watchdog::Guard::~Guard()
{
    const std::lock_guard lock{watchdog_.mutex_};
    watchdog_.watched_.erase(watched_);
}

void Watchdog::run(const std::stop_token& stop)
{
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        // Nobody wakes it but the end: to look a few times within the limit is exact enough, and costs those
        // who are watched nothing.
        changed_.wait_for(lock, stop, limit_ / 4, [] { return false; });
        const auto now = std::chrono::steady_clock::now();
        for (const auto& watched : watched_) {
            if (watched.deadline <= now) {
                log::error("store.unresponsive").field("action", "the connection is ended");
                ::shutdown(watched.socket, SHUT_RDWR);
            }
        }
    }
}

} // namespace drukbox::service
