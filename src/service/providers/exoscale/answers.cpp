#include "service/providers/exoscale/answers.hpp"

#include "service/providers/support/installation_mark.hpp"
#include "service/remote/answer.hpp"

#include <boost/asio/ip/address_v4.hpp>

#include <algorithm>

namespace drukbox::service::exoscale {
namespace {

[[noreturn]] void unexpected(std::string_view problem)
{
    throw MalformedAnswer(provider_name, "answered something unexpected: " + std::string{problem});
}

/// Fit for a path.
std::string id_of(const AnswerReader& item)
{
    auto id = item.at("id").text();
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (id.empty() || !std::ranges::all_of(id, fits)) {
        unexpected("an id is not one");
    }
    return id;
}

std::string text_of(const AnswerReader& item, std::string_view key)
{
    const auto value = item.find(key);
    return value ? value->text() : std::string{};
}

Instance read_instance(const AnswerReader& item)
{
    Instance instance;
    instance.id = id_of(item);
    instance.name = item.at("name").text();
    instance.state = item.at("state").text();
    instance.public_ip = text_of(item, "public-ip");
    if (!instance.public_ip.empty()) {
        boost::system::error_code error;
        boost::asio::ip::make_address_v4(instance.public_ip, error);
        if (error) {
            unexpected("public-ip is not an IPv4 address");
        }
    }
    if (const auto labels = item.find("labels")) {
        instance.owner = text_of(*labels, owner_label);
        instance.installation = text_of(*labels, installation_label);
        instance.host = text_of(*labels, name_label);
    }
    if (instance.host.empty()) {
        instance.host = instance.name;
    }
    return instance;
}

} // namespace

std::string parse_operation(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    const AnswerReader answer{std::string{provider_name}, json};
    const auto state = text_of(answer, "state");
    if (state == "failure" || state == "timeout") {
        const auto message = text_of(answer, "message");
        const auto reason = message.empty() ? text_of(answer, "reason") : message;
        throw ProviderError("exoscale could not do it: " +
                            (reason.empty() ? state : presentable(reason, {})));
    }
    return id_of(answer.at("reference"));
}

Instance parse_instance(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    return read_instance(AnswerReader{std::string{provider_name}, json});
}

std::vector<Instance> parse_instances(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    std::vector<Instance> instances;
    for (const auto& item : AnswerReader{std::string{provider_name}, json}.at("instances").items()) {
        instances.push_back(read_instance(item));
    }
    return instances;
}

std::optional<std::string> parse_templates(std::string_view body, std::string_view name)
{
    const auto json = parse_answer(provider_name, body);
    std::optional<std::string> newest;
    std::string newest_time;
    for (const auto& item : AnswerReader{std::string{provider_name}, json}.at("templates").items()) {
        if (text_of(item, "name") != name) {
            continue;
        }
        // RFC 3339 in UTC: the order of the texts is that of the times.
        auto time = text_of(item, "created-at");
        if (!newest || time > newest_time) {
            newest = id_of(item);
            newest_time = std::move(time);
        }
    }
    return newest;
}

std::optional<std::string> parse_instance_types(std::string_view body, std::string_view name)
{
    const auto json = parse_answer(provider_name, body);
    for (const auto& item : AnswerReader{std::string{provider_name}, json}.at("instance-types").items()) {
        if (text_of(item, "family") + "." + text_of(item, "size") == name) {
            return id_of(item);
        }
    }
    return std::nullopt;
}

} // namespace drukbox::service::exoscale
