#include "service/providers/hetzner/hetzner_settings.hpp"

#include "service/environment/read.hpp"
#include "service/remote/api_settings.hpp"

namespace drukbox::service::hetzner {

std::string HetznerSettings::missing() const
{
    if (api_token.empty()) {
        return "HETZNER_API_TOKEN";
    }
    return location.empty() ? "HETZNER_LOCATION" : "";
}

HetznerSettings HetznerSettings::load(const Environment& environment, std::string service_label)
{
    HetznerSettings result;
    result.service_label = std::move(service_label);
    result.api_token = read_credential(environment, "HETZNER_API_TOKEN").value_or(Redacted{});
    result.api_url = read_api_url(environment, "HETZNER_API_URL", result.api_url);
    read(environment, "HETZNER_LOCATION", result.location);
    read(environment, "HETZNER_DEFAULT_IMAGE", result.default_image);
    read(environment, "HETZNER_SERVER_TYPE", result.server_type);
    read(environment, "HETZNER_API_TIMEOUT", result.api_timeout, 1);
    read(environment, "HETZNER_BOOTSTRAP_SSH_TIMEOUT_SECONDS", result.ready_timeout, 1);
    read_user_name(environment, "HETZNER_SSH_USERNAME", result.ssh_username);
    result.scan_host_keys = environment.flag("HETZNER_SCAN_HOST_KEYS").value_or(false);
    return result;
}

} // namespace drukbox::service::hetzner
