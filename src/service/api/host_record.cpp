#include "service/api/host_record.hpp"

#include "service/records/host_state.hpp"

namespace drukbox::service::api {
namespace {

std::optional<std::string> format(const std::optional<Timestamp>& time)
{
    return time ? std::optional{wire::format_timestamp(*time)} : std::nullopt;
}

} // namespace

SandboxHost to_record(const Host& host, const std::optional<Redacted>& private_key)
{
    SandboxHost record;
    record.id = host.id.str();
    record.name = host.name;
    record.status = to_string(host.status);
    record.provider = host.provider;
    record.image = host.image;
    record.instance_type = host.instance_type;
    record.disk_gb = host.disk_gb;
    record.external_ssh_host = host.external_ssh_host;
    record.external_ssh_port = host.external_ssh_port;
    record.ssh_username = host.ssh_username;
    record.internal_ssh_host = host.internal_ssh_host;
    record.known_hosts = host.known_hosts;
    record.tailscale_device_id = host.tailscale_device_id;
    if (private_key) {
        record.private_key = private_key->reveal();
    }
    record.last_error = host.last_error;
    record.created_at = wire::format_timestamp(host.created_at);
    record.updated_at = wire::format_timestamp(host.updated_at);
    record.activated_at = format(host.activated_at);
    record.expires_at = format(host.expires_at);
    return record;
}

std::optional<std::string> service_account(const Host& host)
{
    return host_state::pool_member(host) ? std::nullopt : std::optional<std::string>{admin_account};
}

} // namespace drukbox::service::api
