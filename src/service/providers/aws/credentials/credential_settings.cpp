#include "service/providers/aws/credentials/credential_settings.hpp"

#include "service/environment/read.hpp"
#include "service/remote/api_settings.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace drukbox::service::aws {
namespace {

constexpr std::string_view relative_base = "http://169.254.170.2";

/// Credentials are asked for in clear text only of this machine and of the addresses that ECS and EKS use.
bool may_be_asked(std::string_view url)
{
    constexpr std::string_view http = "http://";
    if (url.starts_with("https://")) {
        return true;
    }
    if (!url.starts_with(http)) {
        return false;
    }
    const auto authority = url.substr(http.size(), url.substr(http.size()).find('/'));
    constexpr std::array<std::string_view, 6> hosts{"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
                                                    "127.0.0.1",     "localhost",      "[::1]"};
    return std::ranges::any_of(hosts, [&](std::string_view host) {
        return authority == host || (authority.starts_with(host) && authority.substr(host.size(), 1) == ":" &&
                                     authority.find('@') == std::string_view::npos);
    });
}

std::string read_container_url(const Environment& environment)
{
    if (const auto path = environment.text("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
        if (!path->starts_with('/')) {
            throw SettingError("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "should begin with /");
        }
        return std::string{relative_base} + *path;
    }
    const auto url = environment.text("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (url && !may_be_asked(*url)) {
        throw SettingError("AWS_CONTAINER_CREDENTIALS_FULL_URI",
                           "should be an https URL, or an http one of this machine or of ECS or EKS");
    }
    return url.value_or("");
}

Redacted read_secret(const Environment& environment, std::string_view name)
{
    return read_credential(environment, name).value_or(Redacted{});
}

bool is_there(const std::string& path)
{
    std::error_code ignored;
    return !path.empty() && std::filesystem::exists(path, ignored);
}

} // namespace

CredentialSettings CredentialSettings::load(const Environment& environment)
{
    CredentialSettings result;
    result.access_key = read_secret(environment, "AWS_ACCESS_KEY_ID").reveal();
    result.secret_key = read_secret(environment, "AWS_SECRET_ACCESS_KEY");
    result.session_token = read_secret(environment, "AWS_SESSION_TOKEN");
    if (result.access_key.empty() != result.secret_key.empty()) {
        throw SettingError(result.access_key.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                           "should be set together with the other half of the key");
    }
    result.profile = environment.text("AWS_PROFILE").value_or("default");
    if (const auto home = environment.text("HOME")) {
        result.config_file = *home + "/.aws/config";
        result.credentials_file = *home + "/.aws/credentials";
    }
    read(environment, "AWS_CONFIG_FILE", result.config_file);
    read(environment, "AWS_SHARED_CREDENTIALS_FILE", result.credentials_file);
    read(environment, "AWS_ROLE_ARN", result.role_arn);
    read(environment, "AWS_WEB_IDENTITY_TOKEN_FILE", result.web_identity_token_file);
    result.role_session_name = environment.text("AWS_ROLE_SESSION_NAME").value_or("drukbox");
    result.container_url = read_container_url(environment);
    result.container_token_file = environment.text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").value_or("");
    if (result.container_token_file.empty()) {
        result.container_token = Redacted{environment.text("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("")};
    }
    result.instance_role = !environment.flag("AWS_EC2_METADATA_DISABLED").value_or(false);
    result.metadata_url = read_api_url(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT", result.metadata_url);
    return result;
}

bool CredentialSettings::nothing_given() const
{
    return access_key.empty() && web_identity_token_file.empty() && container_url.empty() &&
           !is_there(config_file) && !is_there(credentials_file);
}

} // namespace drukbox::service::aws
