#include "service/api/create_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace drukbox::service::api {

std::optional<std::chrono::seconds> CreateLimiter::admit(const Authenticator::TokenId& token, TimePoint now)
{
    if (per_minute_ == 0) {
        return std::nullopt;
    }
    auto& bucket = buckets_[token];
    const double per_second = per_minute_ / 60.0;
    const double passed = std::chrono::duration<double>(now - bucket.as_of).count();
    bucket.used = std::max(0.0, bucket.used - passed * per_second);
    bucket.as_of = now;
    if (bucket.used + 1 <= per_minute_) {
        bucket.used += 1;
        return std::nullopt;
    }
    const double wait = (bucket.used + 1 - per_minute_) / per_second;
    return std::chrono::seconds{std::max<std::int64_t>(1, std::llround(std::ceil(wait)))};
}

} // namespace drukbox::service::api
