#include "service/api/host_requests.hpp"

#include "service/api/request_body.hpp"
#include "wire/plain_text.hpp"
#include "wire/secret_rules.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace drukbox::service::api {
namespace {

namespace json = boost::json;

const json::value* find(const json::object& body, std::string_view key)
{
    const auto* value = body.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> read_string(const json::object& body, std::string_view key, Findings& findings)
{
    const auto* value = find(body, key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        findings.add("string_type", {"body", key}, "Input should be a valid string");
        return std::nullopt;
    }
    return std::string{value->as_string()};
}

std::optional<std::string> read_non_blank(const json::object& body, std::string_view key, Findings& findings)
{
    auto text = read_string(body, key, findings);
    if (text && text->find_first_not_of(" \t\r\n\v\f") == std::string::npos) {
        findings.add_value_error({"body", key}, std::string{key} + " must not be blank");
        return std::nullopt;
    }
    // It may end up in a command line or a script.
    if (text && wire::has_control_character(*text)) {
        findings.add_value_error({"body", key}, std::string{key} + " must not contain control characters");
        return std::nullopt;
    }
    return text;
}

std::optional<std::int64_t> read_disk_gb(const json::object& body, Findings& findings)
{
    constexpr std::string_view key = "disk_gb";
    // More than any disk, and a whole number in a double too.
    constexpr double most = 1e15;
    const auto* value = find(body, key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_number()) {
        findings.add("int_type", {"body", key}, "Input should be a valid integer");
        return std::nullopt;
    }
    const auto number = value->to_number<double>();
    if (number != std::floor(number)) {
        findings.add("int_from_float", {"body", key},
                     "Input should be a valid integer, got a number with a fractional part");
        return std::nullopt;
    }
    if (number < 1) {
        findings.add("greater_than_equal", {"body", key}, "Input should be greater than or equal to 1");
        return std::nullopt;
    }
    if (number > most) {
        findings.add("int_parsing_size", {"body", key},
                     "Unable to parse input string as an integer, exceeded maximum size");
        return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
}

std::optional<Timestamp> read_expiry(const json::value& value, Timestamp now, Findings& findings)
{
    json::array location{"body", "expires_at"};
    if (!value.is_string()) {
        findings.add("datetime_type", std::move(location), "Input should be a valid datetime");
        return std::nullopt;
    }
    const auto parsed = wire::parse_timestamp(value.as_string());
    if (const auto* fault = std::get_if<wire::TimestampFault>(&parsed)) {
        if (*fault == wire::TimestampFault::no_offset) {
            findings.add_value_error(std::move(location), "expires_at must include a timezone offset");
        } else {
            findings.add("datetime_parsing", std::move(location), "Input should be a valid datetime");
        }
        return std::nullopt;
    }
    const auto time = std::get<Timestamp>(parsed);
    if (time <= now) {
        findings.add_value_error(std::move(location), "expires_at must be in the future");
        return std::nullopt;
    }
    return time;
}

bool is_variable_name(std::string_view name)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string join_sorted(std::vector<std::string> names)
{
    std::ranges::sort(names);
    std::string result;
    for (const auto& name : names) {
        result += (result.empty() ? "" : ", ") + name;
    }
    return result;
}

std::map<std::string, Redacted> read_env(const json::object& body, Findings& findings)
{
    std::map<std::string, Redacted> env;
    const auto* value = body.if_contains("env");
    if (value == nullptr) {
        return env;
    }
    if (!value->is_object()) {
        findings.add("dict_type", {"body", "env"}, "Input should be a valid dictionary");
        return env;
    }
    bool all_strings = true;
    std::vector<std::string> bad_names;
    std::vector<std::string> reserved;
    for (const auto& [name, text] : value->as_object()) {
        const std::string key{name};
        if (!text.is_string()) {
            findings.add("string_type", {"body", "env", key}, "Input should be a valid string");
            all_strings = false;
        } else if (!is_variable_name(key)) {
            bad_names.push_back(key);
        } else if (key == "TAILSCALE_AUTHKEY") {
            reserved.push_back(key);
        } else {
            env.emplace(key, Redacted{std::string{text.as_string()}});
        }
    }
    if (all_strings && !bad_names.empty()) {
        findings.add_value_error({"body", "env"}, "env keys must be valid environment variable names: " +
                                                      join_sorted(bad_names));
    } else if (all_strings && !reserved.empty()) {
        findings.add_value_error({"body", "env"},
                                 "reserved env keys are not allowed: " + join_sorted(reserved));
    }
    return env;
}

std::optional<wire::Uuid> read_template(const json::object& body, Findings& findings)
{
    const auto* value = find(body, "template");
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        findings.add("uuid_type", {"body", "template"},
                     "UUID input should be a string, bytes or UUID object");
        return std::nullopt;
    }
    const auto id = wire::Uuid::parse(value->as_string());
    if (!id) {
        findings.add("uuid_parsing", {"body", "template"}, "Input should be a valid UUID");
    }
    return id;
}

/// Their names.
std::set<std::string> read_secrets(const json::object& body, Findings& findings)
{
    const auto* value = body.if_contains("secrets");
    if (value == nullptr) {
        return {};
    }
    auto wrong = wire::check_secrets(*value);
    for (auto& finding : wrong) {
        findings.add(finding.type, std::move(finding.location), finding.message);
    }
    std::set<std::string> names;
    if (wrong.empty()) {
        for (const auto& entry : value->get_object()) {
            names.emplace(entry.key());
        }
    }
    return names;
}

LeaseIntent read_lease(const json::object& body, Timestamp now, Findings& findings)
{
    const auto* value = body.if_contains("expires_at");
    if (value == nullptr) {
        return {};
    }
    if (value->is_null()) {
        return LeaseIntent{LeaseIntent::Kind::permanent};
    }
    const auto time = read_expiry(*value, now, findings);
    return time ? LeaseIntent::until(*time) : LeaseIntent{};
}

} // namespace

HostId read_host_id(std::string_view path_segment, Findings& findings)
{
    const auto id = HostId::parse(path_segment);
    if (!id) {
        findings.add("uuid_parsing", {"path", "host_id"}, "Input should be a valid UUID");
    }
    return id.value_or(HostId{});
}

std::optional<std::string> read_idempotency_key(const http::Headers& headers, Findings& findings)
{
    constexpr std::size_t longest = 255;
    const auto key = headers.find("Idempotency-Key");
    if (!key) {
        return std::nullopt;
    }
    json::array location{"header", "Idempotency-Key"};
    if (key->empty()) {
        findings.add("string_too_short", std::move(location), "String should have at least 1 character");
    } else if (key->size() > longest) {
        findings.add("string_too_long", std::move(location), "String should have at most 255 characters");
    } else if (!std::ranges::all_of(*key, [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '_' || c == '-' || c == ':' || c == '.';
               })) {
        findings.add("string_pattern_mismatch", std::move(location),
                     "String should match pattern '^[A-Za-z0-9_\\-:.]+$'");
    } else {
        return std::string{*key};
    }
    return std::nullopt;
}

CreateHost read_create_host(const http::Headers& headers, std::string_view body, Timestamp now,
                            Findings& findings, CreateFields fields)
{
    CreateHost command;
    command.idempotency_key = read_idempotency_key(headers, findings);
    const auto object = read_object(headers, body, findings);
    if (!object) {
        return command;
    }
    const bool all = fields == CreateFields::all;
    // In the order of the schema: so the findings come.
    command.image = read_non_blank(*object, "image", findings);
    if (all) {
        command.template_id = read_template(*object, findings);
    }
    command.env = read_env(*object, findings);
    if (all) {
        command.secrets = read_secrets(*object, findings);
    }
    command.lease = read_lease(*object, now, findings);
    if (all) {
        command.provider = read_string(*object, "provider", findings);
        command.instance_type = read_non_blank(*object, "instance_type", findings);
        command.disk_gb = read_disk_gb(*object, findings);
    }
    return command;
}

std::optional<Timestamp> read_renewal(const http::Headers& headers, std::string_view body, Timestamp now,
                                      Findings& findings)
{
    const auto object = read_object(headers, body, findings);
    const auto* value = object ? find(*object, "expires_at") : nullptr;
    return value == nullptr ? std::nullopt : read_expiry(*value, now, findings);
}

} // namespace drukbox::service::api
