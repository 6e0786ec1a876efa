#pragma once

#include <drukbox/doctor_report.hpp>
#include <drukbox/testing/answer.hpp>

namespace drukbox::inline v0::testing::detail {

[[nodiscard]] Answer doctor_answer(const DoctorReport& report);

} // namespace drukbox::inline v0::testing::detail
