#include "wire/litterbox_host_record.hpp"

#include "wire/object_reader.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <limits>

namespace drukbox::wire {

litterbox::SandboxHost parse_litterbox_host(const boost::json::value& json)
{
    const ObjectReader record{"host", json};
    litterbox::SandboxHost host;
    host.id = record.string("id");
    host.name = record.string("name");
    host.status = record.string("status");
    host.provider = record.string("provider");
    host.image = record.string("image");
    host.ssh_host = record.string("ssh_host");
    host.ssh_port =
        static_cast<std::uint16_t>(record.integer("ssh_port", 0, std::numeric_limits<std::uint16_t>::max()));
    host.known_hosts = record.string("known_hosts");
    host.tailscale_device_id = record.nullable_string("tailscale_device_id");
    host.announce_token_used = record.optional_boolean("announce_token_used");
    host.last_error = record.string("last_error");
    host.created_at = record.string("created_at");
    host.updated_at = record.string("updated_at");
    host.announced_at = record.optional_string("announced_at");
    host.activated_at = record.nullable_string("activated_at");
    host.expires_at = record.nullable_string("expires_at");
    return host;
}

std::vector<litterbox::SandboxHost> parse_litterbox_hosts(const boost::json::value& json)
{
    const boost::json::array* array = json.if_array();
    if (array == nullptr) {
        throw ShapeError("hosts: expected an array");
    }
    std::vector<litterbox::SandboxHost> hosts;
    hosts.reserve(array->size());
    for (const boost::json::value& element : *array) {
        hosts.push_back(parse_litterbox_host(element));
    }
    return hosts;
}

} // namespace drukbox::wire
