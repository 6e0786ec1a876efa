#pragma once

#include "service/base/redacted.hpp"
#include "service/environment/environment.hpp"

#include <chrono>
#include <string>

namespace drukbox::service::aws {

/// Where credentials may come from: the variables and files that Amazon's own programs read.
class CredentialSettings
{
public:
    CredentialSettings() = default;

    std::string access_key;              ///< `AWS_ACCESS_KEY_ID`
    Redacted secret_key;                 ///< `AWS_SECRET_ACCESS_KEY`
    Redacted session_token;              ///< `AWS_SESSION_TOKEN`
    std::string profile;                 ///< `AWS_PROFILE`; `default`
    std::string config_file;             ///< `AWS_CONFIG_FILE`; `~/.aws/config`
    std::string credentials_file;        ///< `AWS_SHARED_CREDENTIALS_FILE`; `~/.aws/credentials`
    std::string role_arn;                ///< `AWS_ROLE_ARN`, with the next one.
    std::string web_identity_token_file; ///< `AWS_WEB_IDENTITY_TOKEN_FILE`
    std::string role_session_name;       ///< `AWS_ROLE_SESSION_NAME`; `drukbox`
    std::string container_url; ///< Of `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `…_FULL_URI`; empty: none.
    Redacted container_token;  ///< `AWS_CONTAINER_AUTHORIZATION_TOKEN`
    std::string container_token_file;                    ///< `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`
    bool instance_role = true;                           ///< Not with `AWS_EC2_METADATA_DISABLED`.
    std::string metadata_url = "http://169.254.169.254"; ///< `AWS_EC2_METADATA_SERVICE_ENDPOINT`
    std::string region;
    std::string sts_url;
    std::chrono::milliseconds timeout{30'000};

    /// Throws SettingError.
    [[nodiscard]] static CredentialSettings load(const Environment& environment);

    /// Nothing but an instance's role is left to look for.
    [[nodiscard]] bool nothing_given() const;
};

} // namespace drukbox::service::aws
