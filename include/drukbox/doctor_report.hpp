#pragma once

#include <drukbox/doctor_check.hpp>

#include <string>
#include <vector>

namespace drukbox::inline v0 {

/// The health of the service's dependencies at one moment. The members are named as on the wire.
class DoctorReport
{
public:
    DoctorReport() = default;

    bool ok = false; ///< Whether every check passed.
    std::string active_provider;
    bool tailscale_enabled = false;
    std::vector<DoctorCheck> checks;

    friend bool operator==(const DoctorReport&, const DoctorReport&) = default;
};

} // namespace drukbox::inline v0
