#include "service/providers/exoscale/exoscale_settings.hpp"

#include "service/environment/read.hpp"
#include "service/remote/api_settings.hpp"

#include <algorithm>

namespace drukbox::service::exoscale {
namespace {

void check_zone(const std::string& zone)
{
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (!std::ranges::all_of(zone, fits)) {
        throw SettingError("EXOSCALE_ZONE", "should be a zone like ch-gva-2, not '" + zone + "'");
    }
}

} // namespace

std::string ExoscaleSettings::missing() const
{
    if (api_key.empty()) {
        return "EXOSCALE_API_KEY";
    }
    if (api_secret.empty()) {
        return "EXOSCALE_API_SECRET";
    }
    return zone.empty() ? "EXOSCALE_ZONE" : "";
}

ExoscaleSettings ExoscaleSettings::load(const Environment& environment, std::string service_label)
{
    ExoscaleSettings result;
    result.service_label = std::move(service_label);
    result.api_key = read_credential(environment, "EXOSCALE_API_KEY").value_or(Redacted{}).reveal();
    result.api_secret = read_credential(environment, "EXOSCALE_API_SECRET").value_or(Redacted{});
    read(environment, "EXOSCALE_ZONE", result.zone);
    check_zone(result.zone);
    result.api_url =
        read_api_url(environment, "EXOSCALE_API_URL", "https://api-" + result.zone + ".exoscale.com/v2");
    read(environment, "EXOSCALE_DEFAULT_IMAGE", result.default_image);
    read(environment, "EXOSCALE_INSTANCE_TYPE", result.instance_type);
    read(environment, "EXOSCALE_DISK_GB", result.disk_gb, 1, 1 << 20);
    read(environment, "EXOSCALE_API_TIMEOUT", result.api_timeout, 1);
    read(environment, "EXOSCALE_BOOTSTRAP_SSH_TIMEOUT_SECONDS", result.ready_timeout, 1);
    read_user_name(environment, "EXOSCALE_SSH_USERNAME", result.ssh_username);
    result.scan_host_keys = environment.flag("EXOSCALE_SCAN_HOST_KEYS").value_or(false);
    return result;
}

} // namespace drukbox::service::exoscale
