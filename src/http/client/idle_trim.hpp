#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace drukbox::http {

/// Decides when idle connections are to be closed: once more than `max_idle` have been idle for `idle_limit`
/// without a break. A busy client drops to few requests in flight between any two rounds; closing at once
/// would make it connect anew for nearly every request. Reads no clock.
class IdleTrim
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    IdleTrim(std::size_t max_idle, std::chrono::steady_clock::duration idle_limit) noexcept
        : max_idle_(max_idle)
        , idle_limit_(idle_limit)
    {
    }

    /// To be told of every change.
    void observe(std::size_t open_connections, std::size_t in_flight, TimePoint now) noexcept
    {
        if (open_connections <= in_flight + max_idle_) {
            due_.reset();
        } else if (!due_) {
            due_ = now + idle_limit_;
        }
    }

    /// When to trim, as things stand.
    [[nodiscard]] std::optional<TimePoint> due() const noexcept { return due_; }

    /// Idle connections were closed; what is left is judged anew.
    void trimmed() noexcept { due_.reset(); }

private:
    std::size_t max_idle_;
    std::chrono::steady_clock::duration idle_limit_;
    std::optional<TimePoint> due_;
};

} // namespace drukbox::http
