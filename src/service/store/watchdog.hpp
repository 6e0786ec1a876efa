#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

namespace drukbox::service {

/// Ends connections on which a thread has waited for too long. A database's own limits are of no use when it
/// hangs, and the libraries that speak to it wait for ever.
class Watchdog
{
public:
    explicit Watchdog(std::chrono::steady_clock::duration limit);
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog() = default;

private:
    struct Watched
    {
        int socket;
        std::chrono::steady_clock::time_point deadline;
    };

public:
    /// While it lives the socket is watched, and must not be closed.
    class Guard
    {
    public:
        Guard(Watchdog& watchdog, int socket);
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard();

    private:
        Watchdog& watchdog_;
        std::list<Watched>::iterator watched_;
    };

private:
    void run(const std::stop_token& stop);

    std::chrono::steady_clock::duration limit_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::list<Watched> watched_;
    std::jthread thread_;
};

} // namespace drukbox::service
