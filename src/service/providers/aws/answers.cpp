#include "service/providers/aws/answers.hpp"

#include "service/providers/aws/xml.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/remote/answer.hpp"
#include "wire/timestamp.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/json.hpp>

#include <algorithm>

namespace drukbox::service::aws {
namespace {

namespace ip = boost::asio::ip;

[[noreturn]] void unexpected(const std::string& problem)
{
    throw MalformedAnswer("aws", "answered something unexpected: " + problem);
}

/// An id stands in later calls, in logs and in errors.
std::string checked_id(std::string text, std::string_view prefix)
{
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    if (!text.starts_with(prefix) || text.size() > 64 || !std::ranges::all_of(text, fits)) {
        unexpected("an id that is no " + std::string{prefix} + "…");
    }
    return text;
}

std::string checked_address(std::string text)
{
    boost::system::error_code error;
    ip::make_address(text, error);
    if (error) {
        unexpected("an address that is none");
    }
    return text;
}

wire::Timestamp checked_time(std::string_view text)
{
    const auto parsed = wire::parse_timestamp(text);
    if (const auto* time = std::get_if<wire::Timestamp>(&parsed)) {
        return *time;
    }
    unexpected("a time that is none");
}

Instance read_instance(const XmlReader& item)
{
    Instance instance;
    instance.id = checked_id(item.at("instanceId").text(), "i-");
    instance.state = item.at("instanceState").at("name").text();
    if (const auto reason = item.find("stateReason")) {
        instance.reason = reason->text_of("message");
    }
    if (const auto address = item.find("ipAddress")) {
        instance.public_ip = checked_address(address->text());
    }
    for (const auto& tag : item.items_of("tagSet")) {
        const auto key = tag.text_of("key");
        if (key == "drukbox-host-name") {
            instance.host_name = tag.text_of("value");
        } else if (key == installation_label) {
            instance.installation = tag.text_of("value");
        }
    }
    return instance;
}

bool is_ssh(const XmlReader& permission)
{
    return permission.text_of("ipProtocol") == "tcp" && permission.text_of("fromPort") == "22" &&
           permission.text_of("toPort") == "22";
}

Failure failure_in_json(std::string_view body)
{
    Failure failure;
    boost::system::error_code error;
    const auto json = boost::json::parse(body, error);
    if (error || !json.is_object()) {
        return failure;
    }
    const auto text = [&](const char* key) {
        const auto* value = json.get_object().if_contains(key);
        return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
    };
    failure.code = text("__type");
    // Some say where the type is declared.
    failure.code.erase(0, failure.code.find('#') + 1);
    failure.message = text("message");
    if (failure.message.empty()) {
        failure.message = text("Message");
    }
    return failure;
}

} // namespace

void parse_done(std::string_view body, std::string_view action)
{
    static_cast<void>(XmlAnswer{body, (std::string{action} + "Response").c_str()});
}

std::string parse_launched(std::string_view body)
{
    const XmlAnswer answer{body, "RunInstancesResponse"};
    const auto items = answer.root().items_of("instancesSet");
    if (items.size() != 1) {
        unexpected("RunInstances made " + std::to_string(items.size()) + " machines instead of one");
    }
    return checked_id(items.front().at("instanceId").text(), "i-");
}

InstancePage parse_instances(std::string_view body)
{
    const XmlAnswer answer{body, "DescribeInstancesResponse"};
    InstancePage page;
    static_cast<void>(answer.root().at("requestId"));
    for (const auto& reservation : answer.root().items_of("reservationSet")) {
        for (const auto& item : reservation.items_of("instancesSet")) {
            page.instances.push_back(read_instance(item));
        }
    }
    page.next_token = answer.root().text_of("nextToken");
    return page;
}

std::optional<std::string> parse_vpc_id(std::string_view body)
{
    const XmlAnswer answer{body, "DescribeSubnetsResponse"};
    for (const auto& subnet : answer.root().items_of("subnetSet")) {
        return checked_id(subnet.at("vpcId").text(), "vpc-");
    }
    return std::nullopt;
}

std::optional<SecurityGroup> parse_security_group(std::string_view body)
{
    const XmlAnswer answer{body, "DescribeSecurityGroupsResponse"};
    for (const auto& item : answer.root().items_of("securityGroupInfo")) {
        SecurityGroup group;
        group.id = checked_id(item.at("groupId").text(), "sg-");
        for (const auto& permission : item.items_of("ipPermissions")) {
            if (!is_ssh(permission)) {
                continue;
            }
            for (const auto& range : permission.items_of("ipRanges")) {
                group.ssh_cidrs.push_back(range.at("cidrIp").text());
            }
        }
        return group;
    }
    return std::nullopt;
}

std::string parse_created_group(std::string_view body)
{
    const XmlAnswer answer{body, "CreateSecurityGroupResponse"};
    return checked_id(answer.root().at("groupId").text(), "sg-");
}

Identity parse_identity(std::string_view body)
{
    const XmlAnswer answer{body, "GetCallerIdentityResponse"};
    const auto result = answer.root().at("GetCallerIdentityResult");
    Identity identity;
    identity.account = result.at("Account").text();
    identity.arn = result.at("Arn").text();
    return identity;
}

std::string parse_parameter(std::string_view body)
{
    const auto json = parse_answer("aws", body);
    return AnswerReader{"aws", json}.at("Parameter").at("Value").text();
}

Credentials parse_assumed_role(std::string_view body, std::string_view action)
{
    const std::string name{action};
    const XmlAnswer answer{body, (name + "Response").c_str()};
    const auto given = answer.root().at((name + "Result").c_str()).at("Credentials");
    Credentials credentials;
    credentials.access_key = given.at("AccessKeyId").text();
    credentials.secret_key = Redacted{given.at("SecretAccessKey").text()};
    credentials.session_token = Redacted{given.at("SessionToken").text()};
    credentials.expires = checked_time(given.at("Expiration").text());
    return credentials;
}

Credentials parse_json_credentials(std::string_view body)
{
    const auto json = parse_answer("aws", body);
    const AnswerReader answer{"aws", json};
    Credentials credentials;
    credentials.access_key = answer.at("AccessKeyId").text();
    credentials.secret_key = Redacted{answer.at("SecretAccessKey").text()};
    credentials.session_token = Redacted{answer.at("Token").text()};
    credentials.expires = checked_time(answer.at("Expiration").text());
    return credentials;
}

std::string parse_own_address(std::string_view body)
{
    const auto end = body.find_last_not_of(" \r\n");
    const std::string text{body.substr(0, end == std::string_view::npos ? 0 : end + 1)};
    boost::system::error_code error;
    const auto address = ip::make_address_v4(text, error);
    if (error) {
        unexpected("an address that is none");
    }
    return address.to_string();
}

Failure parse_failure(std::string_view body)
{
    if (body.starts_with('{')) {
        return failure_in_json(body);
    }
    Failure failure;
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) {
        return failure;
    }
    const auto root = document.document_element();
    // EC2 and STS differ.
    auto error = root.child("Errors").child("Error");
    if (!error) {
        error = root.child("Error");
    }
    failure.code = error.child_value("Code");
    failure.message = error.child_value("Message");
    return failure;
}

} // namespace drukbox::service::aws
