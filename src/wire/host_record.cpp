#include "wire/host_record.hpp"

#include "wire/object_reader.hpp"
#include "wire/object_writer.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <limits>

namespace drukbox::wire {
namespace {

// What a record takes up without a private key, about.
constexpr std::size_t usual_size = 900;

// `with_account` writes what comes after the name.
template <class WithAccount>
void write(std::string& out, const SandboxHost& host, const WithAccount& with_account)
{
    ObjectWriter json{out};
    json.string("id", host.id);
    json.string("name", host.name);
    with_account(json);
    json.string("status", host.status);
    json.string("provider", host.provider);
    json.string("image", host.image);
    json.nullable("instance_type", host.instance_type);
    json.nullable("disk_gb", host.disk_gb);
    json.string("external_ssh_host", host.external_ssh_host);
    json.integer("external_ssh_port", host.external_ssh_port);
    json.string("ssh_username", host.ssh_username);
    json.nullable("internal_ssh_host", host.internal_ssh_host);
    json.string("known_hosts", host.known_hosts);
    json.nullable("tailscale_device_id", host.tailscale_device_id);
    json.nullable("private_key", host.private_key);
    json.string("last_error", host.last_error);
    json.string("created_at", host.created_at);
    json.string("updated_at", host.updated_at);
    json.nullable("activated_at", host.activated_at);
    json.nullable("expires_at", host.expires_at);
    json.close();
}

} // namespace

void append(std::string& out, const SandboxHost& host)
{
    write(out, host, [](ObjectWriter&) {});
}

void append_with_account(std::string& out, const SandboxHost& host,
                         const std::optional<std::string>& service_account)
{
    write(out, host, [&](ObjectWriter& json) { json.nullable("service_account", service_account); });
}

std::string serialize(const SandboxHost& host)
{
    std::string out;
    out.reserve(usual_size);
    append(out, host);
    return out;
}

std::string serialize(const std::vector<SandboxHost>& hosts)
{
    std::string out;
    out.reserve(2 + hosts.size() * usual_size);
    out += '[';
    for (const SandboxHost& host : hosts) {
        if (out.size() > 1) {
            out += ',';
        }
        append(out, host);
    }
    out += ']';
    return out;
}

SandboxHost parse_host(const boost::json::value& json)
{
    const ObjectReader record{"host", json};
    SandboxHost host;
    host.id = record.string("id");
    host.name = record.string("name");
    host.status = record.string("status");
    host.provider = record.string("provider");
    host.image = record.string("image");
    host.instance_type = record.optional_string("instance_type");
    host.disk_gb = record.optional_integer("disk_gb");
    host.external_ssh_host = record.string("external_ssh_host");
    host.external_ssh_port = static_cast<std::uint16_t>(
        record.integer("external_ssh_port", 0, std::numeric_limits<std::uint16_t>::max()));
    host.ssh_username = record.optional_string("ssh_username").value_or("");
    host.internal_ssh_host = record.nullable_string("internal_ssh_host");
    host.known_hosts = record.string("known_hosts");
    host.tailscale_device_id = record.nullable_string("tailscale_device_id");
    host.private_key = record.optional_string("private_key");
    host.last_error = record.string("last_error");
    host.created_at = record.string("created_at");
    host.updated_at = record.string("updated_at");
    host.activated_at = record.nullable_string("activated_at");
    host.expires_at = record.nullable_string("expires_at");
    return host;
}

std::vector<SandboxHost> parse_hosts(const boost::json::value& json)
{
    const boost::json::array* array = json.if_array();
    if (array == nullptr) {
        throw ShapeError("hosts: expected an array");
    }
    std::vector<SandboxHost> hosts;
    hosts.reserve(array->size());
    for (const boost::json::value& element : *array) {
        hosts.push_back(parse_host(element));
    }
    return hosts;
}

} // namespace drukbox::wire
