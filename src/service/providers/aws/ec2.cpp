#include "service/providers/aws/ec2.hpp"

#include "service/providers/aws/launch.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"

#include <algorithm>
#include <array>

namespace drukbox::service::aws {
namespace {

/// Adds one filter that lets through what has any of the values.
template <class Values>
void add_filter(Query& query, int number, std::string_view name, const Values& values)
{
    const std::string prefix = "Filter." + std::to_string(number) + ".";
    query.add(prefix + "Name", name);
    int count = 0;
    for (const auto& value : values) {
        query.add(prefix + "Value." + std::to_string(++count), value);
    }
}

// As many values as one filter takes.
constexpr std::size_t most_values = 200;

} // namespace

ServiceEndpoint ec2_endpoint(const AwsSettings& settings)
{
    ServiceEndpoint endpoint;
    endpoint.service = "ec2";
    endpoint.region = settings.region;
    endpoint.url = settings.ec2_url;
    endpoint.timeout = settings.api_timeout;
    return endpoint;
}

Ec2::Ec2(boost::asio::any_io_executor executor, const AwsSettings& settings, CredentialChain& chain)
    : settings_(settings)
    , client_(std::move(executor), ec2_endpoint(settings), chain)
{
}

boost::asio::awaitable<void> Ec2::import_key(VmSpec spec)
{
    const Query query = import_key_query(settings_, spec);
    for (bool again = false;; again = true) {
        try {
            ApiRequest request = query.request(false);
            const std::string body = co_await client_.call(std::move(request), "import the key pair");
            parse_done(body, query.action());
            co_return;
        } catch (const Refused& refused) {
            if (refused.code() != "InvalidKeyPair.Duplicate" || again) {
                throw;
            }
        }
        co_await delete_key(spec.name);
    }
}

boost::asio::awaitable<void> Ec2::delete_key(std::string machine)
{
    Query query{"DeleteKeyPair", ec2_version};
    query.add("KeyName", key_pair_name(machine));
    ApiRequest request = query.request(true);
    try {
        const std::string body = co_await client_.call(std::move(request), "delete the key pair");
        parse_done(body, query.action());
    } catch (const Refused& refused) {
        if (refused.code() != "InvalidKeyPair.NotFound") {
            throw;
        }
    }
}

boost::asio::awaitable<std::string> Ec2::launch(VmSpec spec, std::string image_id, std::string security_group,
                                                Redacted boot_data)
{
    const Query query = launch_query(settings_, spec, image_id, security_group, boot_data);
    ApiRequest request = query.request(false);
    request.secrets = secrets_of(spec);
    const std::string body = co_await client_.call(std::move(request), "launch the machine");
    co_return parse_launched(body);
}

boost::asio::awaitable<std::vector<Instance>> Ec2::look(std::vector<std::string> ids,
                                                        std::chrono::steady_clock::time_point deadline)
{
    std::vector<Instance> result;
    for (std::size_t begin = 0; begin < ids.size(); begin += most_values) {
        const auto end = std::min(ids.size(), begin + most_values);
        const std::vector<std::string> some(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                            ids.begin() + static_cast<std::ptrdiff_t>(end));
        Query query{"DescribeInstances", ec2_version};
        // By a filter, not by id: EC2 may not know yet of a machine that it has just made, and then refuses
        // to tell of all the others too.
        add_filter(query, 1, "instance-id", some);
        const std::vector<Instance> found = co_await describe(std::move(query), deadline);
        result.insert(result.end(), found.begin(), found.end());
    }
    co_return result;
}

boost::asio::awaitable<std::vector<Instance>> Ec2::ours(std::string name)
{
    Query query{"DescribeInstances", ec2_version};
    const std::vector<std::string> label{settings_.service_label};
    const std::array<std::string_view, 4> states{"pending", "running", "stopping", "stopped"};
    add_filter(query, 1, "tag:managed-by", label);
    add_filter(query, 2, "instance-state-name", states);
    if (!name.empty()) {
        const std::vector<std::string> names{name};
        add_filter(query, 3, "tag:Name", names);
    }
    auto instances = co_await describe(std::move(query), std::nullopt);
    std::erase_if(instances, [this](const Instance& one) {
        return !InstallationMark{one.installation, settings_.installation}.may_be_ours;
    });
    co_return instances;
}

boost::asio::awaitable<void> Ec2::terminate(std::vector<Instance> instances)
{
    if (instances.empty()) {
        co_return;
    }
    Query query{"TerminateInstances", ec2_version};
    int count = 0;
    for (const auto& instance : instances) {
        query.add("InstanceId." + std::to_string(++count), instance.id);
    }
    ApiRequest request = query.request(true);
    try {
        const std::string body = co_await client_.call(std::move(request), "terminate the machine");
        parse_done(body, query.action());
    } catch (const Refused& refused) {
        if (refused.code() != "InvalidInstanceID.NotFound") {
            throw;
        }
    }
}

boost::asio::awaitable<std::vector<Instance>>
Ec2::describe(Query query, std::optional<std::chrono::steady_clock::time_point> deadline)
{
    std::vector<Instance> result;
    std::string next_token;
    do {
        Query page_query = query;
        if (!next_token.empty()) {
            page_query.add("NextToken", next_token);
        }
        ApiRequest request = page_query.request(true);
        request.deadline = deadline;
        const std::string body = co_await client_.call(std::move(request), "look for machines");
        InstancePage page = parse_instances(body);
        result.insert(result.end(), page.instances.begin(), page.instances.end());
        // The same token again would never end.
        next_token = page.next_token == next_token ? std::string{} : std::move(page.next_token);
    } while (!next_token.empty());
    co_return result;
}

} // namespace drukbox::service::aws
