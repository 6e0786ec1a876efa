#pragma once

#include "wire/timestamp.hpp"

#include <optional>

namespace drukbox::service {

/// A point in time as the database holds it: microseconds since 1970, UTC.
inline long long micros(wire::Timestamp time)
{
    return time.time_since_epoch().count();
}

inline std::optional<long long> micros(const std::optional<wire::Timestamp>& time)
{
    return time ? std::optional{micros(*time)} : std::nullopt;
}

inline wire::Timestamp from_micros(long long value)
{
    return wire::Timestamp{std::chrono::microseconds{value}};
}

inline std::optional<wire::Timestamp> from_micros(const std::optional<long long>& value)
{
    return value ? std::optional{from_micros(*value)} : std::nullopt;
}

} // namespace drukbox::service
