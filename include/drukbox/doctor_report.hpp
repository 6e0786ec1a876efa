#pragma once

#include <drukbox/doctor_check.hpp>

#include <string>
#include <vector>

namespace drukbox::inline v0 {

/// The health of the service's dependencies at one moment. The members are named as on the wire.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class DoctorReport
{
public:
    /// A report without checks.
    DoctorReport() = default;

    bool ok = false;                 ///< Whether every check passed.
    std::string active_provider;     ///< The service's default provider.
    bool tailscale_enabled = false;  ///< Whether hosts join a tailnet; newer services call it `tailnet`.
    std::vector<DoctorCheck> checks; ///< One for each dependency.

    /// Whether all members are equal.
    friend bool operator==(const DoctorReport&, const DoctorReport&) = default;
};

} // namespace drukbox::inline v0
