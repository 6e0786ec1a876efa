#include "cli/command_line.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "wire/object_writer.hpp"

#include <CLI/App.hpp>

#include <cmath>
#include <memory>

namespace drukbox::cli {
namespace {

std::string as_json(const DoctorReport& report)
{
    std::string out;
    wire::ObjectWriter object(out);
    object.boolean("ok", report.ok);
    object.string("active_provider", report.active_provider);
    object.boolean("tailscale_enabled", report.tailscale_enabled);
    object.key("checks");
    out += '[';
    for (const DoctorCheck& check : report.checks) {
        if (out.back() != '[') {
            out += ',';
        }
        wire::ObjectWriter member(out);
        member.string("name", check.name);
        member.string("status", check.status);
        member.string("detail", check.detail);
        member.integer("latency_ms", std::llround(check.latency_ms));
        member.nullable("hint", check.hint);
        member.close();
    }
    out += ']';
    object.close();
    return out;
}

std::string as_table(const DoctorReport& report, bool colour)
{
    Table table({"CHECK", "STATUS", "TIME", "DETAIL", "HINT"});
    for (const DoctorCheck& check : report.checks) {
        table.add({check.name,
                   {check.status, check.status == "ok" ? Style::good : Style::bad},
                   std::to_string(std::llround(check.latency_ms)) + " ms",
                   check.detail,
                   check.hint.value_or("")});
    }
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
