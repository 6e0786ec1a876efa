#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <poll.h>

namespace drukbox::keeper {

/// poll(), and what to call. Not epoll: the kernel counts what that watches by user, and so a neighbour of
/// the same user could use it up. Handlers may add and remove descriptors, their own included.
class EventLoop
{
public:
    using Clock = std::chrono::steady_clock;
    using Handler = std::function<void(short events)>;

    /// For change(): not even errors are reported.
    static constexpr short nothing = -1;

    /// Calls `handler` whenever one of `events`, POLLERR or POLLHUP holds for `fd`, which stays its owner's.
    void add(int fd, short events, Handler handler);

    /// For what add() was called for.
    void change(int fd, short events);

    /// Looks away for a moment: from a listener while there is no descriptor for who waits there.
    void pause(int fd, std::chrono::milliseconds time);

    void remove(int fd) noexcept { watched_.erase(fd); }

    void run();

    void stop() noexcept { stopped_ = true; }

private:
    class Watched
    {
    public:
        Watched() = default;

        short events = 0;
        Clock::time_point from;
        Handler handler;
    };

    int collect();

    std::unordered_map<int, std::shared_ptr<Watched>> watched_;
    std::vector<pollfd> entries_;
    std::vector<std::shared_ptr<Watched>> owners_; // of entries_, one each
    bool stopped_ = false;
};

} // namespace drukbox::keeper
