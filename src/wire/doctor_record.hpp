#pragma once

#include "wire/shape_error.hpp"

#include <drukbox/doctor_report.hpp>

#include <boost/json/fwd.hpp>

namespace drukbox::wire {

/// Ignores unknown keys. Throws ShapeError.
[[nodiscard]] DoctorReport parse_doctor_report(const boost::json::value& json);

} // namespace drukbox::wire
