#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace drukbox::bench {

using Clock = std::chrono::steady_clock;

/// What to ask, and how: `total` requests, `in_flight` of them at any time.
class Load
{
public:
    Load() = default;

    std::string base_url;
    std::string host_id;
    std::size_t in_flight = 1;
    std::size_t total = 1;
};

/// How long each request took, and all of them together.
class Measured
{
public:
    Measured() = default;

    std::vector<Clock::duration> each;
    Clock::duration all{};
};

inline const std::string token = "a-token-of-the-benchmark";

// Bare libcurl: the bytes are received, and that is all.
[[nodiscard]] Measured get_by_curl(const Load& load);
[[nodiscard]] Measured list_by_curl(const Load& load);

// The SDK: the records are parsed and in the hands of the program.
[[nodiscard]] Measured get_by_sdk(const Load& load);
[[nodiscard]] Measured get_by_blocking_sdk(const Load& load);
[[nodiscard]] Measured list_by_sdk(const Load& load);

} // namespace drukbox::bench
