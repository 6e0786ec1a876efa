#include "cli/commands/host_view.hpp"

#include "cli/duration.hpp"
#include "cli/table.hpp"
#include "wire/printable_text.hpp"

#include <chrono>
#include <variant>

namespace drukbox::cli {
namespace {

std::string relative(const std::string& timestamp)
{
    const auto parsed = wire::parse_timestamp(timestamp);
    const auto* time = std::get_if<wire::Timestamp>(&parsed);
    if (time == nullptr) {
        return timestamp;
    }
    return format_relative(*time, wire::now());
}

std::string address(const SandboxHost& host)
{
    if (!host.external_ssh_host.empty()) {
        const bool bracketed = host.external_ssh_host.find(':') != std::string::npos;
        return (bracketed ? "[" + host.external_ssh_host + "]" : host.external_ssh_host) + ":" +
               std::to_string(host.external_ssh_port);
    }
    return host.internal_ssh_host.value_or("");
}

Style style_of(const std::string& status)
{
    if (status == "active") {
        return Style::good;
    }
    return status == "error" ? Style::bad : Style::busy;
}

} // namespace

std::string lease_end(const SandboxHost& host)
{
    return host.expires_at ? relative(*host.expires_at) : "never";
}

std::string host_table(const std::vector<SandboxHost>& hosts, bool colour)
{
    Table table({"NAME", "STATUS", "PROVIDER", "ADDRESS", "CREATED", "EXPIRES", "IMAGE"});
    for (const SandboxHost& host : hosts) {
        table.add({{host.name, Style::bold},
                   {host.status, style_of(host.status)},
                   host.provider,
                   address(host),
                   relative(host.created_at),
                   lease_end(host),
                   host.image});
    }
    return table.str(colour);
}

std::string host_details(const SandboxHost& host)
{
    std::string out;
    const auto line = [&](const std::string& label, const std::string& value) {
        if (!value.empty()) {
            out += label + std::string(12 - label.size(), ' ') + wire::printable(value) + "\n";
        }
    };
    line("name", host.name);
    line("id", host.id);
    line("status", host.status);
    line("error", host.last_error);
    line("provider", host.provider);
    line("image", host.image);
    line("size", host.instance_type.value_or(""));
    line("disk", host.disk_gb ? std::to_string(*host.disk_gb) + " GB" : "");
    line("address", address(host));
    line("tailnet", host.internal_ssh_host.value_or(""));
    line("user", host.ssh_username);
    line("created", relative(host.created_at));
    line("expires", lease_end(host));
    return out;
}

} // namespace drukbox::cli
