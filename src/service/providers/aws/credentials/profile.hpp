#pragma once

#include "service/base/redacted.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::aws {

/// One profile of the shared files.
class Profile
{
public:
    Profile() = default;

    std::string access_key;
    Redacted secret_key;
    Redacted session_token;
    std::string role_arn;
    std::string source_profile;          ///< Whose credentials assume the role.
    std::string credential_source;       ///< `Environment`, `Ec2InstanceMetadata`, `EcsContainer`
    std::string web_identity_token_file; ///< Assumes the role in the place of those two.
    std::string role_session_name;
    std::string external_id;
};

using Profiles = std::map<std::string, Profile>;

/// Puts the profiles of `~/.aws/config` and `~/.aws/credentials` together; what the latter says wins. Lines
/// that mean nothing to us are passed over.
[[nodiscard]] Profiles parse_profiles(std::string_view config, std::string_view credentials);

} // namespace drukbox::service::aws
