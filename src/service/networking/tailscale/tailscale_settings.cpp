#include "service/networking/tailscale/tailscale_settings.hpp"

#include "service/environment/read.hpp"
#include "service/remote/api_settings.hpp"

#include <algorithm>
#include <utility>

namespace drukbox::service::tailscale {
namespace {

constexpr std::string_view needed = "should be set, since TAILSCALE_ENABLED is";

std::string required(std::optional<std::string> value, std::string_view name)
{
    if (!value) {
        throw SettingError(name, needed);
    }
    return std::move(*value);
}

/// It is a part of URLs and the end of the machines' names.
std::string read_tailnet(const Environment& environment)
{
    auto tailnet = required(environment.text("TAILSCALE_TAILNET"), "TAILSCALE_TAILNET");
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    };
    if (!std::ranges::all_of(tailnet, fits) || tailnet.front() == '-' || tailnet.front() == '.' ||
        tailnet.size() > 190) {
        throw SettingError("TAILSCALE_TAILNET",
                           "should be the tailnet's domain, like example.ts.net, not '" + tailnet + "'");
    }
    return tailnet;
}

std::vector<std::string> read_tags(const Environment& environment)
{
    auto tags = split_list(required(environment.text("TAILSCALE_AUTH_TAGS"), "TAILSCALE_AUTH_TAGS"));
    const auto is_tag = [](const std::string& tag) { return tag.starts_with("tag:") && tag.size() > 4; };
    if (tags.empty() || !std::ranges::all_of(tags, is_tag)) {
        throw SettingError("TAILSCALE_AUTH_TAGS", "should be tags like tag:sandbox, separated by commas");
    }
    return tags;
}

} // namespace

std::optional<TailscaleSettings> TailscaleSettings::load(const Environment& environment)
{
    if (!environment.flag("TAILSCALE_ENABLED").value_or(false)) {
        return std::nullopt;
    }
    TailscaleSettings result;
    result.api_url = read_api_url(environment, "TAILSCALE_API_URL", result.api_url);
    result.tailnet = read_tailnet(environment);
    result.auth_tags = read_tags(environment);
    result.oauth_client_id =
        required(environment.text("TAILSCALE_OAUTH_CLIENT_ID"), "TAILSCALE_OAUTH_CLIENT_ID");
    result.oauth_client_secret = Redacted{
        required(environment.secret("TAILSCALE_OAUTH_CLIENT_SECRET"), "TAILSCALE_OAUTH_CLIENT_SECRET")};
    read(environment, "TAILSCALE_API_TIMEOUT", result.api_timeout, 1);
    read(environment, "DEVICE_DISCOVERY_TIMEOUT_SECONDS", result.discovery_timeout, 1);
    return result;
}

} // namespace drukbox::service::tailscale
