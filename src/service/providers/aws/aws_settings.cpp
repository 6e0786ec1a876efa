#include "service/providers/aws/aws_settings.hpp"

#include "service/environment/read.hpp"
#include "service/remote/api_settings.hpp"

#include <boost/asio/ip/network_v4.hpp>

#include <algorithm>

namespace drukbox::service::aws {
namespace {

/// A value that becomes part of host names and signatures.
void check_word(std::string_view variable, const std::string& value, std::string_view expected)
{
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '.';
    };
    if (value.size() > 64 || !std::ranges::all_of(value, fits)) {
        throw SettingError(variable, "should be " + std::string{expected} + ", not '" + value + "'");
    }
}

void read_word(const Environment& environment, std::string_view name, std::string& value,
               std::string_view expected, std::string_view prefix = "")
{
    read(environment, name, value);
    check_word(name, value, expected);
    if (!value.empty() && !value.starts_with(prefix)) {
        throw SettingError(name, "should be " + std::string{expected} + ", not '" + value + "'");
    }
}

/// In the form that EC2 gives back.
std::string read_cidr(const std::string& text)
{
    boost::system::error_code error;
    const auto network = boost::asio::ip::make_network_v4(text, error);
    if (error) {
        throw SettingError("AWS_SSH_CIDRS",
                           "should be IPv4 networks like 192.0.2.0/24, comma separated, not '" + text + "'");
    }
    return network.canonical().to_string();
}

std::vector<std::string> read_cidrs(const Environment& environment)
{
    std::vector<std::string> result;
    for (const auto& text : split_list(environment.text("AWS_SSH_CIDRS").value_or(""))) {
        if (auto cidr = read_cidr(text); std::ranges::find(result, cidr) == result.end()) {
            result.push_back(std::move(cidr));
        }
    }
    return result;
}

std::string read_endpoint(const Environment& environment, std::string_view service, const std::string& region)
{
    const std::string domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    const auto usual = "https://" + std::string{service} + "." + region + domain;
    const auto for_all = read_api_url(environment, "AWS_ENDPOINT_URL", usual);
    std::string name = "AWS_ENDPOINT_URL_" + std::string{service};
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return read_api_url(environment, name, for_all);
}

} // namespace

AwsSettings AwsSettings::load(const Environment& environment, std::string service_label)
{
    AwsSettings result;
    result.service_label = std::move(service_label);
    read_word(environment, "AWS_REGION", result.region, "a region like eu-central-1");
    read(environment, "AWS_DEFAULT_IMAGE", result.default_image);
    read_word(environment, "AWS_INSTANCE_TYPE", result.instance_type, "an instance type like t3.medium");
    read(environment, "AWS_ROOT_GB", result.root_gb, 1, 65'536);
    read_word(environment, "AWS_SUBNET_ID", result.subnet_id, "a subnet's id", "subnet-");
    read_word(environment, "AWS_SECURITY_GROUP_ID", result.security_group_id, "a security group's id", "sg-");
    result.ssh_cidrs = read_cidrs(environment);
    read(environment, "AWS_INSTANCE_PROFILE", result.instance_profile);
    read_user_name(environment, "AWS_SSH_USERNAME", result.ssh_username);
    result.ec2_url = read_endpoint(environment, "ec2", result.region);
    result.ssm_url = read_endpoint(environment, "ssm", result.region);
    result.sts_url = read_endpoint(environment, "sts", result.region);
    result.own_address_url = read_api_url(environment, "AWS_CHECKIP_URL", result.own_address_url);
    read(environment, "AWS_API_TIMEOUT", result.api_timeout, 1);
    read(environment, "AWS_BOOTSTRAP_SSH_TIMEOUT_SECONDS", result.ready_timeout, 1);
    result.credentials = CredentialSettings::load(environment);
    result.credentials.region = result.region;
    result.credentials.sts_url = result.sts_url;
    result.credentials.timeout = result.api_timeout;
    return result;
}

} // namespace drukbox::service::aws
