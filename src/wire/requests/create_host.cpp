#include "wire/requests/create_host.hpp"

#include "wire/ascii.hpp"
#include "wire/plain_text.hpp"
#include "wire/requests/secret_rules.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

namespace drukbox::wire {
namespace {

namespace json = boost::json;

std::optional<std::string> read_idempotency_key(std::optional<std::string_view> key, Findings& findings)
{
    constexpr std::size_t longest = 255;
    if (!key) {
        return std::nullopt;
    }
    json::array location{"header", "Idempotency-Key"};
    const auto fits = [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '-' || c == ':' || c == '.';
    };
    if (key->empty()) {
        findings.add("string_too_short", std::move(location), "String should have at least 1 character");
    } else if (key->size() > longest) {
        findings.add("string_too_long", std::move(location), "String should have at most 255 characters");
    } else if (!std::ranges::all_of(*key, fits)) {
        findings.add_mismatch(std::move(location), "^[A-Za-z0-9_\\-:.]+$");
    }
    return std::string{*key};
}

std::optional<std::string> read_string(const json::object& body, std::string_view key, Findings& findings)
{
    const json::value* const value = find_value(body, key);
    const json::string* const text = value == nullptr ? nullptr : as_text(*value, {"body", key}, findings);
    return text == nullptr ? std::nullopt : std::optional{std::string{*text}};
}

std::optional<std::string> read_non_blank(const json::object& body, std::string_view key, Findings& findings)
{
    auto text = read_string(body, key, findings);
    if (text && text->find_first_not_of(" \t\r\n\v\f") == std::string::npos) {
        findings.add_rule({"body", key}, std::string{key} + " must not be blank");
    } else if (text && has_control_character(*text)) {
        // It may end up in a command line or a script.
        findings.add_rule({"body", key}, std::string{key} + " must not contain control characters");
    }
    return text;
}

std::optional<std::int64_t> read_disk_gb(const json::object& body, Findings& findings)
{
    // More than any disk, and a whole number in a double too.
    constexpr double most = 1e15;
    const json::value* const value = find_value(body, "disk_gb");
    if (value == nullptr) {
        return std::nullopt;
    }
    json::array location{"body", "disk_gb"};
    const double number = value->is_number() ? value->to_number<double>() : 0;
    if (!value->is_number()) {
        findings.add("int_type", std::move(location), "Input should be a valid integer");
    } else if (number != std::floor(number)) {
        findings.add("int_from_float", std::move(location),
                     "Input should be a valid integer, got a number with a fractional part");
    } else if (number < 1) {
        findings.add("greater_than_equal", std::move(location), "Input should be greater than or equal to 1");
    } else if (number > most) {
        findings.add("int_parsing_size", std::move(location),
                     "Unable to parse input string as an integer, exceeded maximum size");
    } else {
        return static_cast<std::int64_t>(number);
    }
    return std::nullopt;
}

Lease read_end(const json::value& value, Timestamp now, Findings& findings)
{
    json::array location{"body", "expires_at"};
    if (!value.is_string()) {
        findings.add("datetime_type", std::move(location), "Input should be a valid datetime");
        return {};
    }
    const auto parsed = parse_timestamp(value.get_string());
    if (const auto* fault = std::get_if<TimestampFault>(&parsed)) {
        if (*fault == TimestampFault::no_offset) {
            findings.add_rule(std::move(location), "expires_at must include a timezone offset");
        } else {
            findings.add("datetime_parsing", std::move(location), "Input should be a valid datetime");
        }
        return {};
    }
    const auto end = std::get<Timestamp>(parsed);
    if (end <= now) {
        findings.add_rule(std::move(location), "expires_at must be in the future");
    }
    return Lease::until(end);
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

std::map<std::string, std::string> read_env(const json::object& body, Findings& findings)
{
    std::map<std::string, std::string> env;
    const json::value* const value = body.if_contains("env");
    const json::object* const given =
        value == nullptr ? nullptr : as_dictionary(*value, {"body", "env"}, findings);
    if (given == nullptr) {
        return env;
    }
    const auto before = findings.size();
    std::vector<std::string> bad_names;
    for (const auto& [name, content] : *given) {
        if (const auto* const text = as_text(content, {"body", "env", name}, findings)) {
            env.emplace(name, *text);
        }
        if (!is_variable_name(name)) {
            bad_names.emplace_back(name);
        }
    }
    if (findings.size() > before) {
        return env;
    }
    if (!bad_names.empty()) {
        findings.add_rule({"body", "env"}, "env keys must be valid environment variable names: " +
                                               join_sorted(std::move(bad_names)));
    } else if (env.contains("TAILSCALE_AUTHKEY")) {
        findings.add_rule({"body", "env"}, "reserved env keys are not allowed: TAILSCALE_AUTHKEY");
    }
    return env;
}

std::optional<Uuid> read_template(const json::object& body, Findings& findings)
{
    const json::value* const value = find_value(body, "template");
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        findings.add("uuid_type", {"body", "template"},
                     "UUID input should be a string, bytes or UUID object");
        return std::nullopt;
    }
    const auto id = Uuid::parse(value->get_string());
    if (!id) {
        findings.add("uuid_parsing", {"body", "template"}, "Input should be a valid UUID");
    }
    return id;
}

std::set<std::string> read_secrets(const json::object& body, Findings& findings)
{
    std::set<std::string> names;
    if (const json::value* const value = body.if_contains("secrets")) {
        check_secrets(*value, findings);
        if (const json::object* const secrets = value->if_object()) {
            for (const auto& secret : *secrets) {
                names.emplace(secret.key());
            }
        }
    }
    return names;
}

Lease read_lease(const json::object& body, Timestamp now, Findings& findings)
{
    const json::value* const value = body.if_contains("expires_at");
    if (value == nullptr) {
        return {};
    }
    return value->is_null() ? Lease::permanent() : read_end(*value, now, findings);
}

} // namespace

CreateHost read_create_host(std::optional<std::string_view> idempotency_key, const RequestBody& body,
                            HostView view, Timestamp now, Findings& findings)
{
    CreateHost create;
    create.idempotency_key = read_idempotency_key(idempotency_key, findings);
    const auto object = read_object(body, findings);
    if (!object) {
        return create;
    }
    const bool all = view != HostView::litterbox;
    // In the order of the schema: so the findings come.
    create.image = read_non_blank(*object, "image", findings);
    if (all) {
        create.template_id = read_template(*object, findings);
    }
    create.env = read_env(*object, findings);
    if (all) {
        create.secrets = read_secrets(*object, findings);
    }
    create.lease = read_lease(*object, now, findings);
    if (all) {
        create.provider = read_string(*object, "provider", findings);
        create.instance_type = read_non_blank(*object, "instance_type", findings);
        create.disk_gb = read_disk_gb(*object, findings);
    }
    return create;
}

Lease read_renewal(const RequestBody& body, Timestamp now, Findings& findings)
{
    const auto object = read_object(body, findings);
    const json::value* const end = object ? find_value(*object, "expires_at") : nullptr;
    return end == nullptr ? Lease{} : read_end(*end, now, findings);
}

} // namespace drukbox::wire
