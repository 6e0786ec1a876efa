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
    check.detail = record.string("detail");
    check.latency_ms = record.number("latency_ms");
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
    report.tailscale_enabled = record.boolean("tailscale_enabled");
    for (const boost::json::value& check : record.array("checks")) {
        report.checks.push_back(parse_check(check));
    }
    return report;
}

} // namespace drukbox::wire
