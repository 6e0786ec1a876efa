#pragma once

#include "service/providers/aws/credentials/credentials.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::aws {

/// A machine as EC2 knows it.
class Instance
{
public:
    Instance() = default;

    std::string id;
    std::string state;        ///< pending, running, shutting-down, terminated, stopping, stopped
    std::string reason;       ///< Why it is in that state, where EC2 says so.
    std::string public_ip;    ///< An IP literal; empty while there is none.
    std::string host_name;    ///< The tag `drukbox-host-name`; empty when it has none.
    std::string installation; ///< The tag `drukbox-installation`; empty when it has none.
};

class InstancePage
{
public:
    InstancePage() = default;

    std::vector<Instance> instances;
    std::string next_token; ///< Empty: the last page.
};

class SecurityGroup
{
public:
    SecurityGroup() = default;

    std::string id;
    std::vector<std::string> ssh_cidrs; ///< Who may reach tcp/22 over IPv4.
};

class Identity
{
public:
    Identity() = default;

    std::string account;
    std::string arn;
};

/// What a service says about a call that failed.
class Failure
{
public:
    Failure() = default;

    std::string code; ///< `InvalidAMIID.NotFound`
    std::string message;
};

// Each throws MalformedAnswer for what is not such an answer.

/// Of a call whose success says it all: only that it is the answer to that action.
void parse_done(std::string_view body, std::string_view action);
/// Of RunInstances: the id of the one machine.
[[nodiscard]] std::string parse_launched(std::string_view body);
[[nodiscard]] InstancePage parse_instances(std::string_view body);
/// Of DescribeSubnets: the VPC of the first one; nothing when there is none.
[[nodiscard]] std::optional<std::string> parse_vpc_id(std::string_view body);
/// Nothing when there is none.
[[nodiscard]] std::optional<SecurityGroup> parse_security_group(std::string_view body);
/// Of CreateSecurityGroup: its id.
[[nodiscard]] std::string parse_created_group(std::string_view body);
[[nodiscard]] Identity parse_identity(std::string_view body);
/// Of ssm:GetParameter: its value.
[[nodiscard]] std::string parse_parameter(std::string_view body);
/// Of AssumeRole and AssumeRoleWithWebIdentity, whose name is given.
[[nodiscard]] Credentials parse_assumed_role(std::string_view body, std::string_view action);
/// Of a container's credential service and of an instance's metadata service.
[[nodiscard]] Credentials parse_json_credentials(std::string_view body);
/// Of checkip: the address that we are seen from.
[[nodiscard]] std::string parse_own_address(std::string_view body);

/// Empty where the body says nothing; throws nothing.
[[nodiscard]] Failure parse_failure(std::string_view body);

} // namespace drukbox::service::aws
