#include "wire/doctor_record.hpp"

#include "wire/object_reader.hpp"

#include <boost/json.hpp>

namespace drukbox::wire {
namespace {

DoctorCheck parse_check(const boost::json::value& json)
{
    const ObjectReader record{"doctor check", json};
    DoctorCheck check;
    check.name = record.string("name");
    check.status = record.string("status");
    check.detail = record.nullable_string("detail").value_or("");
    check.latency_ms = record.nullable_number("latency_ms").value_or(0);
    check.hint = record.nullable_string("hint");
    return check;
}

} // namespace

DoctorReport parse_doctor_report(const boost::json::value& json)
{
    const ObjectReader record{"doctor report", json};
    DoctorReport report;
    report.ok = record.boolean("ok");
    report.active_provider = record.string("active_provider");
    const auto tailnet = record.optional_boolean("tailnet");
    report.tailscale_enabled = tailnet ? *tailnet : record.boolean("tailscale_enabled");
    for (const boost::json::value& check : record.array("checks")) {
        report.checks.push_back(parse_check(check));
    }
    return report;
}

} // namespace drukbox::wire
