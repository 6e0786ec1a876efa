#pragma once

#include <chrono>
#include <thread>

namespace drukbox::test {

/// Nothing that a test waits for takes this long unless it is broken.
inline constexpr std::chrono::seconds patience{30};

/// Waits until `condition` holds; false if it never does.
template <typename Condition>
[[nodiscard]] bool eventually(Condition condition)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

/// Holds for the whole of `period`.
template <typename Condition>
[[nodiscard]] bool throughout(std::chrono::milliseconds period, Condition condition)
{
    const auto end = std::chrono::steady_clock::now() + period;
    while (std::chrono::steady_clock::now() < end) {
        if (!condition()) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace drukbox::test
