#pragma once

#include <cstdint>
#include <optional>

#include <time.h>

namespace drukbox::keeper {

/// The deadline's second pair of eyes. The kernel itself ends this process, and so the sandbox, some seconds
/// after it should have done so by itself: stopped, asleep or caught in a loop, it needs to do nothing for
/// it.
class LastResort
{
public:
    /// Enough for a keeper that is alive and waits for a processor.
    static constexpr std::int64_t patience = 4'000'000; ///< Microseconds.

    /// Throws std::system_error.
    LastResort();
    LastResort(const LastResort&) = delete;
    LastResort& operator=(const LastResort&) = delete;
    ~LastResort();

    /// `patience` after a deadline in microseconds since the epoch, or after now where that has passed.
    void set(std::optional<std::int64_t> deadline);

    /// Everything inside has been killed: what remains to be done may take as long as the machine needs.
    void postpone();

private:
    void arm(std::int64_t microseconds);

    timer_t timer_{};
};

/// Of the wall clock, as leases are: neither a suspended machine nor a corrected clock moves it. Zero
/// disarms.
[[nodiscard]] itimerspec at(std::int64_t microseconds);

} // namespace drukbox::keeper
