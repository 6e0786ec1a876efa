#pragma once

#include "wire/shape_error.hpp"

#include <drukbox/doctor_report.hpp>

#include <boost/json/fwd.hpp>

namespace drukbox::wire {

/// Ignores unknown keys; newer services say `tailnet` for `tailscale_enabled`, and null for a `detail` or a
/// `latency_ms` that they do not have. Throws ShapeError.
[[nodiscard]] DoctorReport parse_doctor_report(const boost::json::value& json);

} // namespace drukbox::wire
