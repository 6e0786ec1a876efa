#include "service/providers/exoscale/instance_spec.hpp"

#include "service/providers/exoscale/answers.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"

#include <boost/json.hpp>

namespace drukbox::service::exoscale {
namespace {

namespace json = boost::json;

constexpr std::size_t most_user_data = 32768;

json::object one(std::string_view key, const std::string& value)
{
    json::object result;
    result[key] = value;
    return result;
}

} // namespace

Redacted user_data(const ExoscaleSettings& settings, const VmSpec& spec)
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
    Redacted result{base64(cloud_config(data).reveal())};
    if (result.reveal().size() > most_user_data) {
        throw ProviderError("exoscale carries at most " + std::to_string(most_user_data) +
                            " characters of user data, and the variables need " +
                            std::to_string(result.reveal().size()));
    }
    return result;
}

json::value key_body(const VmSpec& spec)
{
    json::object body;
    body["name"] = std::string{key_prefix} + spec.name;
    body["public-key"] = spec.authorized_key;
    return body;
}

json::value instance_body(const ExoscaleSettings& settings, const VmSpec& spec,
                          const std::string& template_id, const std::string& type_id,
                          const Redacted& user_data)
{
    json::object labels;
    labels[owner_label] = settings.service_label;
    labels[name_label] = spec.name;
    if (!settings.installation.empty()) {
        labels[installation_label] = settings.installation;
    }
    json::object body;
    body["name"] = spec.name;
    body["template"] = one("id", template_id);
    body["instance-type"] = one("id", type_id);
    body["disk-size"] = spec.disk_gb.value_or(settings.disk_gb);
    body["ssh-key"] = one("name", std::string{key_prefix} + spec.name);
    body["labels"] = std::move(labels);
    if (!user_data.empty()) {
        body["user-data"] = user_data.reveal();
    }
    return body;
}

} // namespace drukbox::service::exoscale
