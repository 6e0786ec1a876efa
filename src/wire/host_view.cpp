#include "wire/host_view.hpp"

#include "wire/host_record.hpp"
#include "wire/object_writer.hpp"

namespace drukbox::wire {
namespace {

// The record of Litterbox clients: what any version of them asks for.
void append_litterbox(std::string& out, const SandboxHost& host)
{
    ObjectWriter json{out};
    json.string("id", host.id);
    json.string("name", host.name);
    json.string("status", host.status);
    json.string("provider", host.provider);
    json.string("image", host.image);
    json.string("ssh_host", host.external_ssh_host);
    json.integer("ssh_port", host.external_ssh_port);
    json.string("known_hosts", host.known_hosts);
    json.nullable("tailscale_device_id", host.tailscale_device_id);
    json.string("last_error", host.last_error);
    // There, a machine announces itself once it is up.
    json.boolean("announce_token_used", host.activated_at.has_value());
    json.nullable("announced_at", host.activated_at);
    json.string("created_at", host.created_at);
    json.string("updated_at", host.updated_at);
    json.nullable("activated_at", host.activated_at);
    json.nullable("expires_at", host.expires_at);
    json.close();
}

} // namespace

std::string_view prefix(HostView view) noexcept
{
    switch (view) {
    case HostView::plain:
        return "";
    case HostView::v0_2:
        return "/v0.2";
    case HostView::litterbox:
        return "/litterbox";
    }
    return "";
}

bool has_route(HostView view, std::string_view path) noexcept
{
    constexpr std::string_view hosts = "/hosts";
    if (view != HostView::litterbox || path == hosts) {
        return true;
    }
    // A host of it, and nothing below that.
    return path.starts_with(hosts) && path.find_last_of('/') == hosts.size();
}

ViewedTarget take_prefix(std::string_view target) noexcept
{
    for (const auto view : host_views) {
        const std::string_view before = prefix(view);
        if (!before.empty() && target.starts_with(before) && target.substr(before.size()).starts_with('/')) {
            return {view, target.substr(before.size())};
        }
    }
    return {HostView::plain, target};
}

void append(std::string& out, HostView view, const SandboxHost& host,
            const std::optional<std::string>& service_account)
{
    switch (view) {
    case HostView::plain:
        append_with_account(out, host, service_account);
        break;
    case HostView::v0_2:
        append(out, host);
        break;
    case HostView::litterbox:
        append_litterbox(out, host);
        break;
    }
}

} // namespace drukbox::wire
