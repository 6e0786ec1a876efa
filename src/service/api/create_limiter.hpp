#pragma once

#include "service/api/authenticator.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

namespace drukbox::service::api {

/// How many hosts a token may ask for: a bucket a token, which holds a minute's worth and refills steadily.
class CreateLimiter
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Zero: no limit.
    explicit CreateLimiter(std::uint32_t creates_per_minute)
        : per_minute_(creates_per_minute)
    {
    }

    /// Counts a create with a known token. Nothing when it may go on, else how long to wait.
    [[nodiscard]] std::optional<std::chrono::seconds> admit(const Authenticator::TokenId& token,
                                                            TimePoint now);

private:
    class Bucket
    {
    public:
        Bucket() = default;

        double used = 0; ///< Creates of the bucket that have not been refilled yet.
        TimePoint as_of{};
    };

    std::uint32_t per_minute_;
    std::map<Authenticator::TokenId, Bucket> buckets_;
};

} // namespace drukbox::service::api
