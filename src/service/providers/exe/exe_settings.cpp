#include "service/providers/exe/exe_settings.hpp"

#include "service/environment/read.hpp"
#include "service/remote/api_settings.hpp"

namespace drukbox::service::exe {

std::string ExeSettings::missing() const
{
    if (api_token.empty()) {
        return "EXE_API_TOKEN";
    }
    return default_image.empty() ? "EXE_DEFAULT_IMAGE" : "";
}

ExeSettings ExeSettings::load(const Environment& environment, std::string service_label)
{
    ExeSettings result;
    result.service_label = std::move(service_label);
    result.api_token = read_credential(environment, "EXE_API_TOKEN").value_or(Redacted{});
    result.api_url = read_api_url(environment, "EXE_API_URL", result.api_url);
    read(environment, "EXE_DEFAULT_IMAGE", result.default_image);
    read(environment, "EXE_API_TIMEOUT", result.api_timeout, 1);
    read(environment, "EXE_BOOTSTRAP_SSH_TIMEOUT_SECONDS", result.ready_timeout, 1);
    read_user_name(environment, "EXE_SSH_USERNAME", result.ssh_username);
    return result;
}

} // namespace drukbox::service::exe
