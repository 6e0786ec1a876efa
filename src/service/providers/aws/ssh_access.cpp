#include "service/providers/aws/ssh_access.hpp"

#include "service/providers/aws/ec2.hpp"
#include "service/providers/aws/launch.hpp"
#include "service/runtime/log.hpp"

#include <algorithm>

namespace drukbox::service::aws {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view group_name = "drukbox-managed";
// Our own address may change, and others may change the group.
constexpr std::chrono::minutes looked_at_every{5};
constexpr std::chrono::seconds own_address_timeout{5};

ApiClientOptions checkip_options(const AwsSettings& settings)
{
    ApiClientOptions options;
    options.provider = "checkip";
    options.base_url = settings.own_address_url;
    options.timeout = own_address_timeout;
    options.time_limit = own_address_timeout;
    return options;
}

/// What of `some` is not in `others`.
std::vector<std::string> without(const std::vector<std::string>& some, const std::vector<std::string>& others)
{
    std::vector<std::string> result;
    for (const auto& one : some) {
        if (std::ranges::find(others, one) == others.end()) {
            result.push_back(one);
        }
    }
    return result;
}

} // namespace

SshAccess::SshAccess(boost::asio::any_io_executor executor, const AwsSettings& settings,
                     CredentialChain& chain)
    : settings_(settings)
    , client_(executor, ec2_endpoint(settings), chain)
    , checkip_(executor, checkip_options(settings))
    , one_at_a_time_(executor)
    , good_until_(steady_clock::time_point::min())
{
}

boost::asio::awaitable<std::string> SshAccess::group()
{
    if (!settings_.security_group_id.empty()) {
        co_return settings_.security_group_id;
    }
    const auto lock = co_await one_at_a_time_.lock(0);
    if (steady_clock::now() < good_until_) {
        co_return group_id_;
    }
    std::vector<std::string> cidrs = settings_.ssh_cidrs;
    bool keep = true;
    if (cidrs.empty()) {
        const std::optional<std::string> address = co_await own_address();
        keep = address.has_value();
        cidrs.push_back(keep ? *address + "/32" : "0.0.0.0/0");
    }
    std::string vpc_id = co_await vpc();
    const SecurityGroup found = co_await find_or_create(std::move(vpc_id));
    co_await open_to(found, std::move(cidrs));
    group_id_ = found.id;
    good_until_ = keep ? steady_clock::now() + looked_at_every : steady_clock::time_point::min();
    co_return found.id;
}

boost::asio::awaitable<std::optional<std::string>> SshAccess::own_address()
{
    std::optional<std::string> result;
    std::string problem;
    try {
        ApiRequest request{"GET", ""};
        const ApiAnswer answer = co_await checkip_.send(std::move(request));
        require_success(answer, "tell our address");
        result = parse_own_address(answer.body);
    } catch (const ProviderError& error) {
        problem = error.what();
    }
    if (!result) {
        log::warning("aws.ssh_open_to_world")
            .field("error", problem)
            .field("hint", "set AWS_SSH_CIDRS to the networks that may reach port 22");
    }
    co_return result;
}

/// Where the machines' subnet is; without a setting EC2 takes a default one.
boost::asio::awaitable<std::string> SshAccess::vpc()
{
    Query query{"DescribeSubnets", ec2_version};
    if (settings_.subnet_id.empty()) {
        query.add("Filter.1.Name", "default-for-az").add("Filter.1.Value.1", "true");
    } else {
        query.add("SubnetId.1", settings_.subnet_id);
    }
    ApiRequest request = query.request(true);
    const std::string body = co_await client_.call(std::move(request), "look for the subnet");
    auto id = parse_vpc_id(body);
    if (!id) {
        throw ProviderError("aws has no default subnet in " + settings_.region + ": set AWS_SUBNET_ID");
    }
    co_return std::move(*id);
}

boost::asio::awaitable<SecurityGroup> SshAccess::find_or_create(std::string vpc_id)
{
    std::optional<SecurityGroup> found = co_await find(vpc_id);
    if (found) {
        co_return std::move(*found);
    }
    Query query{"CreateSecurityGroup", ec2_version};
    query.add("GroupName", group_name).add("VpcId", vpc_id);
    query.add("GroupDescription", "SSH to sandbox machines");
    add_tags(query, 1, "security-group", settings_, "");
    ApiRequest request = query.request(false);
    SecurityGroup made;
    try {
        const std::string body = co_await client_.call(std::move(request), "create the security group");
        made.id = parse_created_group(body);
    } catch (const Refused& refused) {
        // Another replica was faster.
        if (refused.code() != "InvalidGroup.Duplicate") {
            throw;
        }
    }
    if (made.id.empty()) {
        found = co_await find(vpc_id);
        if (!found) {
            throw ProviderError("aws both has and lacks the security group " + std::string{group_name});
        }
        made = std::move(*found);
    }
    co_return made;
}

boost::asio::awaitable<std::optional<SecurityGroup>> SshAccess::find(std::string vpc_id)
{
    Query query{"DescribeSecurityGroups", ec2_version};
    query.add("Filter.1.Name", "group-name").add("Filter.1.Value.1", group_name);
    query.add("Filter.2.Name", "vpc-id").add("Filter.2.Value.1", vpc_id);
    ApiRequest request = query.request(true);
    const std::string body = co_await client_.call(std::move(request), "look for the security group");
    co_return parse_security_group(body);
}

/// Opens before it closes: who keeps access never loses it.
boost::asio::awaitable<void> SshAccess::open_to(SecurityGroup group, std::vector<std::string> cidrs)
{
    const auto missing = without(cidrs, group.ssh_cidrs);
    const auto surplus = without(group.ssh_cidrs, cidrs);
    co_await change("AuthorizeSecurityGroupIngress", group.id, missing, "InvalidPermission.Duplicate");
    co_await change("RevokeSecurityGroupIngress", group.id, surplus, "InvalidPermission.NotFound");
}

/// One call a network, so that one that is done already keeps no other from being done.
boost::asio::awaitable<void> SshAccess::change(std::string action, std::string group,
                                               std::vector<std::string> cidrs, std::string harmless)
{
    for (const auto& cidr : cidrs) {
        Query query{action, ec2_version};
        query.add("GroupId", group);
        query.add("IpPermissions.1.IpProtocol", "tcp");
        query.add("IpPermissions.1.FromPort", "22").add("IpPermissions.1.ToPort", "22");
        query.add("IpPermissions.1.IpRanges.1.CidrIp", cidr);
        ApiRequest request = query.request(false);
        try {
            const std::string body = co_await client_.call(std::move(request), "change the security group");
            parse_done(body, action);
        } catch (const Refused& refused) {
            if (refused.code() != harmless) {
                throw;
            }
        }
    }
}

} // namespace drukbox::service::aws
