#include "cli/command_line.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"

#include <CLI/App.hpp>
#include <boost/json.hpp>

#include <cmath>
#include <memory>

namespace drukbox::cli {
namespace {

std::string as_json(const DoctorReport& report)
{
    boost::json::array checks;
    for (const DoctorCheck& check : report.checks) {
        boost::json::object object;
        object["name"] = check.name;
        object["status"] = check.status;
        object["detail"] = check.detail;
        object["latency_ms"] = std::llround(check.latency_ms);
        object["hint"] = check.hint ? boost::json::value(*check.hint) : boost::json::value(nullptr);
        checks.push_back(std::move(object));
    }
    boost::json::object object;
    object["ok"] = report.ok;
    object["active_provider"] = report.active_provider;
    object["tailscale_enabled"] = report.tailscale_enabled;
    object["checks"] = std::move(checks);
    return boost::json::serialize(object);
}

std::string as_table(const DoctorReport& report, bool colour)
{
    Table table({"CHECK", "STATUS", "TIME", "DETAIL", "HINT"});
    for (const DoctorCheck& check : report.checks)
        table.add({check.name,
                   {check.status, check.status == "ok" ? Style::good : Style::bad},
                   std::to_string(std::llround(check.latency_ms)) + " ms",
                   check.detail,
                   check.hint.value_or("")});
    return table.str(colour);
}

int doctor(bool json, const CommandLine& line)
{
    Session session(line.connection);
    const DoctorReport report = session.call([](const SandboxClient& client) { return client.doctor(); });
    print(json ? as_json(report) + "\n" : as_table(report, colour_output()));
    return report.ok ? 0 : 1;
}

} // namespace

void add_doctor_command(CLI::App& app, CommandLine& line)
{
    auto json = std::make_shared<bool>(false);
    CLI::App& doctor_app =
        *app.add_subcommand("doctor", "Check what the service depends on; fails when a check does");
    doctor_app.add_flag("--json", *json, "Print the report as JSON");
    doctor_app.callback([json, &line] { line.action = [json, &line] { return doctor(*json, line); }; });
}

} // namespace drukbox::cli
