#pragma once

#include "service/environment/environment.hpp"
#include "service/providers/aws/credentials/credential_settings.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace drukbox::service::aws {

/// The aws provider's settings, each from the environment variable named beside it.
class AwsSettings
{
public:
    AwsSettings() = default;

    std::string service_label;               ///< `SERVICE_LABEL`.
    std::string installation;                ///< The id that marks our machines; empty: no mark.
    std::string region;                      ///< `AWS_REGION`; required.
    std::string default_image;               ///< `AWS_DEFAULT_IMAGE`; required.
    std::string instance_type = "t3.medium"; ///< `AWS_INSTANCE_TYPE`.
    std::int64_t root_gb = 100;              ///< `AWS_ROOT_GB`.
    std::string subnet_id;                   ///< `AWS_SUBNET_ID`; empty: a default one.
    std::string security_group_id;           ///< `AWS_SECURITY_GROUP_ID`; empty: one that we keep.
    std::vector<std::string> ssh_cidrs;      ///< `AWS_SSH_CIDRS`; empty: our own address.
    std::string instance_profile;            ///< `AWS_INSTANCE_PROFILE`, a name or an ARN; empty: none.
    std::string ssh_username = "ubuntu";     ///< `AWS_SSH_USERNAME`.
    std::string ec2_url;                     ///< `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL`.
    std::string ssm_url;                     ///< `AWS_ENDPOINT_URL_SSM`, `AWS_ENDPOINT_URL`.
    std::string sts_url;                     ///< `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`.
    std::string own_address_url = "https://checkip.amazonaws.com"; ///< `AWS_CHECKIP_URL`.
    std::chrono::seconds api_timeout{30};                          ///< `AWS_API_TIMEOUT`.
    std::chrono::seconds ready_timeout{120};                       ///< `AWS_BOOTSTRAP_SSH_TIMEOUT_SECONDS`.
    std::chrono::seconds address_timeout{480};      ///< How long a machine may take to get its address.
    std::chrono::milliseconds poll_interval{5'000}; ///< How often all that wait are looked at together.
    CredentialSettings credentials;

    /// Throws SettingError for the first setting that is malformed. What is missing stays empty.
    [[nodiscard]] static AwsSettings load(const Environment& environment, std::string service_label);
};

} // namespace drukbox::service::aws
