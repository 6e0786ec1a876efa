#include "testing/host_rules.hpp"

#include "testing/request_body.hpp"
#include "wire/plain_text.hpp"
#include "wire/secret_rules.hpp"
#include "wire/uuid.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace drukbox::inline v0::testing::detail {
namespace {

namespace json = boost::json;

std::optional<std::string> read_not_blank(const json::object& body, std::string_view key, Findings& findings)
{
    auto text = read_text(body, key, findings);
    if (text && text->find_first_not_of(" \t\r\n\v\f") == std::string::npos) {
        findings.add_rule({"body", key}, std::string{key} + " must not be blank");
    } else if (text && wire::has_control_character(*text)) {
        findings.add_rule({"body", key}, std::string{key} + " must not contain control characters");
    }
    return text;
}

std::optional<std::int64_t> read_disk_gb(const json::object& body, Findings& findings)
{
    // More than any disk, and a whole number in a double too.
    constexpr double most = 1e15;
    const json::array location{"body", "disk_gb"};
    const json::value* value = find_value(body, "disk_gb");
    if (value == nullptr) {
        return std::nullopt;
    }
    const double size = value->is_number() ? value->to_number<double>() : 0;
    if (!value->is_number()) {
        findings.add("int_type", location, "Input should be a valid integer");
    } else if (size != std::floor(size)) {
        findings.add("int_from_float", location,
                     "Input should be a valid integer, got a number with a fractional part");
    } else if (size < 1) {
        findings.add("greater_than_equal", location, "Input should be greater than or equal to 1");
    } else if (size > most) {
        findings.add("int_parsing_size", location,
                     "Unable to parse input string as an integer, exceeded maximum size");
    } else {
        return static_cast<std::int64_t>(size);
    }
    return std::nullopt;
}

Lease read_end(const json::value& value, wire::Timestamp now, Findings& findings)
{
    const json::array location{"body", "expires_at"};
    if (!value.is_string()) {
        findings.add("datetime_type", location, "Input should be a valid datetime");
        return {};
    }
    const auto parsed = wire::parse_timestamp(value.as_string());
    if (parsed == decltype(parsed){wire::TimestampFault::no_offset}) {
        findings.add_rule(location, "expires_at must include a timezone offset");
        return {};
    }
    const auto* end = std::get_if<wire::Timestamp>(&parsed);
    if (end == nullptr) {
        findings.add("datetime_parsing", location, "Input should be a valid datetime");
        return {};
    }
    if (*end <= now) {
        findings.add_rule(location, "expires_at must be in the future");
    }
    return Lease::until(*end);
}

bool is_variable_name(std::string_view name)
{
    const auto fits = [](char c) { return is_alphanumeric(c) || c == '_'; };
    return !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, fits);
}

std::string joined(std::vector<std::string> names)
{
    std::ranges::sort(names);
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

void check_variable_names(const json::object& env, Findings& findings)
{
    std::vector<std::string> unfit;
    for (const auto& [name, value] : env) {
        if (!is_variable_name(name)) {
            unfit.emplace_back(name);
        }
    }
    if (!unfit.empty()) {
        findings.add_rule({"body", "env"},
                          "env keys must be valid environment variable names: " + joined(std::move(unfit)));
    } else if (env.contains("TAILSCALE_AUTHKEY")) {
        findings.add_rule({"body", "env"}, "reserved env keys are not allowed: TAILSCALE_AUTHKEY");
    }
}

// The names of the variables. No value comes back in a finding: it may be a secret.
std::set<std::string> read_env(const json::object& body, Findings& findings)
{
    std::set<std::string> names;
    const json::value* value = body.if_contains("env");
    if (value == nullptr) {
        return names;
    }
    if (!value->is_object()) {
        findings.add("dict_type", {"body", "env"}, "Input should be a valid dictionary");
        return names;
    }
    bool all_strings = true;
    for (const auto& [name, text] : value->as_object()) {
        names.emplace(name);
        if (!text.is_string()) {
            findings.add("string_type", {"body", "env", name}, "Input should be a valid string");
            all_strings = false;
        }
    }
    if (all_strings) {
        check_variable_names(value->as_object(), findings);
    }
    return names;
}

std::optional<std::string> read_template(const json::object& body, Findings& findings)
{
    const json::value* value = find_value(body, "template");
    if (value == nullptr) {
        return std::nullopt;
    }
    const json::array location{"body", "template"};
    if (!value->is_string()) {
        findings.add("uuid_type", location, "UUID input should be a string, bytes or UUID object");
        return std::nullopt;
    }
    const auto id = wire::Uuid::parse(value->as_string());
    if (!id) {
        findings.add("uuid_parsing", location, "Input should be a valid UUID");
        return std::nullopt;
    }
    return id->str();
}

std::set<std::string> read_secrets(const json::object& body, Findings& findings)
{
    std::set<std::string> names;
    const json::value* value = body.if_contains("secrets");
    if (value == nullptr) {
        return names;
    }
    for (auto& finding : wire::check_secrets(*value)) {
        findings.add(finding.type, std::move(finding.location), finding.message);
    }
    if (const json::object* secrets = value->if_object()) {
        for (const auto& [name, secret] : *secrets) {
            names.emplace(name);
        }
    }
    return names;
}

std::optional<std::string> read_idempotency_key(const RecordedRequest& request, Findings& findings)
{
    constexpr std::size_t longest = 255;
    if (!request.has_header("Idempotency-Key")) {
        return std::nullopt;
    }
    const std::string key = request.header("Idempotency-Key");
    const json::array location{"header", "Idempotency-Key"};
    const auto fits = [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '-' || c == ':' || c == '.';
    };
    if (key.empty()) {
        findings.add("string_too_short", location, "String should have at least 1 character");
    } else if (key.size() > longest) {
        findings.add("string_too_long", location, "String should have at most 255 characters");
    } else if (!std::ranges::all_of(key, fits)) {
        findings.add("string_pattern_mismatch", location,
                     "String should match pattern '^[A-Za-z0-9_\\-:.]+$'");
    }
    return key;
}

} // namespace

CreateCommand read_create(const RecordedRequest& request, wire::HostView view, wire::Timestamp now,
                          Findings& findings)
{
    CreateCommand command;
    command.idempotency_key = read_idempotency_key(request, findings);
    const json::object body = read_object(request, findings);
    const bool all = view != wire::HostView::litterbox;
    // In the order of the schema: so the findings come.
    command.image = read_not_blank(body, "image", findings);
    if (all) {
        command.template_id = read_template(body, findings);
    }
    command.variables = read_env(body, findings);
    if (all) {
        command.secrets = read_secrets(body, findings);
    }
    if (const json::value* end = body.if_contains("expires_at")) {
        command.lease = end->is_null() ? Lease::permanent() : read_end(*end, now, findings);
    }
    if (all) {
        command.provider = read_text(body, "provider", findings);
        command.instance_type = read_not_blank(body, "instance_type", findings);
        command.disk_gb = read_disk_gb(body, findings);
    }
    return command;
}

Lease read_renewal(const RecordedRequest& request, wire::Timestamp now, Findings& findings)
{
    const json::object body = read_object(request, findings);
    const json::value* end = find_value(body, "expires_at");
    return end == nullptr ? Lease{} : read_end(*end, now, findings);
}

std::string read_host_id(const std::string& parameter, Findings& findings)
{
    const auto id = wire::Uuid::parse(parameter);
    if (!id) {
        findings.add("uuid_parsing", {"path", "host_id"}, "Input should be a valid UUID");
        return {};
    }
    return id->str();
}

} // namespace drukbox::inline v0::testing::detail
