#include "testing/doctor_answer.hpp"

#include <boost/json.hpp>

#include <utility>

namespace drukbox::inline v0::testing::detail {

Answer doctor_answer(const DoctorReport& report)
{
    boost::json::array checks;
    for (const DoctorCheck& check : report.checks) {
        boost::json::object entry;
        entry["name"] = check.name;
        entry["status"] = check.status;
        entry["detail"] = check.detail;
        entry["latency_ms"] = check.latency_ms;
        entry["hint"] = check.hint ? boost::json::value(*check.hint) : nullptr;
        checks.push_back(std::move(entry));
    }
    boost::json::object body;
    body["ok"] = report.ok;
    body["active_provider"] = report.active_provider;
    body["tailscale_enabled"] = report.tailscale_enabled;
    body["tailnet"] = report.tailscale_enabled;
    body["checks"] = std::move(checks);
    return Answer::json(200, boost::json::serialize(body));
}

} // namespace drukbox::inline v0::testing::detail
