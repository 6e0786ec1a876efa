#include "service/providers/hetzner/server_spec.hpp"

#include "service/providers/hetzner/names.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"

#include <boost/json.hpp>

namespace drukbox::service::hetzner {
namespace {

namespace json = boost::json;

constexpr std::size_t most_user_data = 32768;

json::object labels(const HetznerSettings& settings, const VmSpec& spec)
{
    json::object result;
    result[owner_label] = settings.service_label;
    result[name_label] = spec.name;
    if (!settings.installation.empty()) {
        result[installation_label] = settings.installation;
    }
    return result;
}

} // namespace

Redacted user_data(const HetznerSettings& settings, const VmSpec& spec)
{
    refuse_nul(provider_name, spec.env);
    UserData data;
    data.env = spec.env;
    data.setup_script = spec.setup_script.reveal();
    if (!settings.scan_host_keys) {
        data.host_key = spec.host_key;
        data.host_public_key = spec.host_public_key;
    }
    if (data.empty()) {
        return {};
    }
    auto result = cloud_config(data);
    if (result.reveal().size() > most_user_data) {
        throw ProviderError("hetzner carries at most " + std::to_string(most_user_data) +
                            " bytes of user data, and the variables need " +
                            std::to_string(result.reveal().size()));
    }
    return result;
}

json::value key_body(const HetznerSettings& settings, const VmSpec& spec)
{
    json::object body;
    body["name"] = std::string{key_prefix} + spec.name;
    body["public_key"] = spec.authorized_key;
    body["labels"] = labels(settings, spec);
    return body;
}

json::value server_body(const HetznerSettings& settings, const VmSpec& spec, std::int64_t ssh_key,
                        const Redacted& user_data)
{
    json::object net;
    net["enable_ipv4"] = true;
    net["enable_ipv6"] = false;
    json::object body;
    body["name"] = spec.name;
    body["server_type"] = spec.instance_type.value_or(settings.server_type);
    body["image"] = spec.image;
    body["location"] = settings.location;
    body["ssh_keys"] = json::array(1, json::value(ssh_key));
    body["labels"] = labels(settings, spec);
    body["start_after_create"] = true;
    body["public_net"] = std::move(net);
    if (!user_data.empty()) {
        body["user_data"] = user_data.reveal();
    }
    return body;
}

} // namespace drukbox::service::hetzner
