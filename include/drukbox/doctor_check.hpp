#pragma once

#include <optional>
#include <string>

namespace drukbox::inline v0 {

/// What the service found when it probed one of its dependencies. The members are named as on the wire.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class DoctorCheck
{
public:
    /// A check without a name.
    DoctorCheck() = default;

    std::string name;      ///< `db`, `provider`, `tailscale`.
    std::string status;    ///< `ok` or `fail`.
    std::string detail;    ///< What answered, or what went wrong; empty where the service does not say.
    double latency_ms = 0; ///< How long the probe took; 0 where the service does not say.
    std::optional<std::string> hint; ///< On a failure: a stable slug that says where to look.

    /// Whether all members are equal.
    friend bool operator==(const DoctorCheck&, const DoctorCheck&) = default;
};

} // namespace drukbox::inline v0
