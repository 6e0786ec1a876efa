#pragma once

#include <chrono>
#include <optional>

namespace drukbox::inline v0 {

/// How long a host is to live. The service tears it down when its lease has run out.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class Lease
{
public:
    /// A moment by the system's clock, to the microsecond.
    using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

    /// The service's default lease, counted from when the host is usable (create) or from now (renew).
    Lease() = default;

    /// The service's default lease, by name.
    [[nodiscard]] static Lease service_default() { return {}; }

    /// No end: the host lives until somebody deletes it. Only for a create; a renewal cannot make a host
    /// permanent.
    [[nodiscard]] static Lease permanent()
    {
        Lease lease;
        lease.kind_ = Kind::permanent;
        return lease;
    }

    /// Until a point in time, which must be in the future when the service reads it; cut to microseconds.
    template <class Duration>
    [[nodiscard]] static Lease until(std::chrono::sys_time<Duration> end)
    {
        Lease lease;
        lease.kind_ = Kind::until;
        lease.end_ = std::chrono::floor<std::chrono::microseconds>(end);
        return lease;
    }

    /// Whether the service decides.
    [[nodiscard]] bool is_default() const noexcept { return kind_ == Kind::service_default; }

    /// Whether it has no end.
    [[nodiscard]] bool is_permanent() const noexcept { return kind_ == Kind::permanent; }

    /// Its end, where it has one of its own.
    [[nodiscard]] std::optional<TimePoint> end() const noexcept
    {
        return kind_ == Kind::until ? std::optional{end_} : std::nullopt;
    }

    /// Whether they mean the same.
    friend bool operator==(const Lease&, const Lease&) = default;

private:
    enum class Kind
    {
        service_default,
        permanent,
        until
    };

    Kind kind_ = Kind::service_default;
    TimePoint end_{};
};

} // namespace drukbox::inline v0
