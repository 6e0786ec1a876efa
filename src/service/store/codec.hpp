#pragma once

#include "service/records/host.hpp"

#include <chrono>
#include <concepts>
#include <string>
#include <type_traits>

namespace drukbox::service {

/// How a column holds a value: as it is, unless one of those below says otherwise.
template <class T>
struct Codec
{
    using Stored = T;

    static const T& encode(const T& value) { return value; }

    static const T& decode(const T& stored) { return stored; }
};

/// As one of the two numbers that both databases have.
template <class T>
    requires std::integral<T> || std::same_as<T, LeaseIntent::Kind>
struct Codec<T>
{
    using Stored = std::conditional_t<(sizeof(T) > sizeof(int)), long long, int>;

    static Stored encode(T value) { return static_cast<Stored>(value); }

    static T decode(Stored stored) { return static_cast<T>(stored); }
};

/// Microseconds since 1970, UTC.
template <>
struct Codec<Timestamp>
{
    using Stored = long long;

    static long long encode(Timestamp time) { return time.time_since_epoch().count(); }

    static Timestamp decode(long long stored) { return Timestamp{std::chrono::microseconds{stored}}; }
};

template <>
struct Codec<HostId>
{
    using Stored = std::string;

    static std::string encode(const HostId& id) { return id.str(); }

    static HostId decode(const std::string& stored) { return HostId::parse(stored).value(); }
};

template <>
struct Codec<HostStatus>
{
    using Stored = std::string;

    static std::string encode(HostStatus status) { return std::string{to_string(status)}; }

    static HostStatus decode(const std::string& stored) { return host_status(stored); }
};

} // namespace drukbox::service
