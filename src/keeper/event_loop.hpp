#pragma once

#include "posix/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace drukbox::keeper {

/// epoll, and what to call. Handlers may add and remove descriptors, their own included.
class EventLoop
{
public:
    using Handler = std::function<void(std::uint32_t events)>;

    EventLoop();

    /// Calls `handler` for `events` on `fd`, which stays its owner's.
    void add(int fd, std::uint32_t events, Handler handler);

    void remove(int fd) noexcept;

    /// Calls `task` once, after the events at hand.
    void defer(std::function<void()> task) { deferred_.push_back(std::move(task)); }

    void run();

    void stop() noexcept { stopped_ = true; }

private:
    posix::UniqueFd epoll_;
    std::unordered_map<int, std::pair<std::uint32_t, std::shared_ptr<Handler>>> handlers_; // with generation
    std::uint32_t generation_ = 0;
    std::vector<std::function<void()>> deferred_;
    bool stopped_ = false;
};

} // namespace drukbox::keeper
