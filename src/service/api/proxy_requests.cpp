#include "service/api/proxy_requests.hpp"

#include "service/api/proxy_target.hpp"
#include "service/api/request_body.hpp"
#include "wire/plain_text.hpp"

#include <algorithm>

namespace drukbox::service::api {
namespace {

namespace json = boost::json;

bool is_proxy_name(std::string_view name)
{
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && alphanumeric(name.front()) && std::ranges::all_of(name, [&](char c) {
        return alphanumeric(c) || c == '_' || c == '.' || c == '-';
    });
}

void add_bad_name(json::array location, Findings& findings)
{
    findings.add("string_pattern_mismatch", std::move(location),
                 "String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.-]*$'");
}

/// Null, and a finding, where a field is absent.
const json::value* require(const json::object& body, std::string_view key, Findings& findings)
{
    const auto* value = body.if_contains(key);
    if (value == nullptr) {
        findings.add("missing", {"body", key}, "Field required");
    }
    return value;
}

std::string read_name(const json::object& body, Findings& findings)
{
    const auto* value = require(body, "name", findings);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string()) {
        findings.add("string_type", {"body", "name"}, "Input should be a valid string");
        return {};
    }
    std::string name{value->as_string()};
    if (!is_proxy_name(name)) {
        add_bad_name({"body", "name"}, findings);
    }
    return name;
}

std::string read_target(const json::object& body, Findings& findings)
{
    const auto* value = require(body, "target", findings);
    return value == nullptr ? std::string{}
                            : read_proxy_target(*value, {"body", "target"}, findings).value_or("");
}

std::map<std::string, Redacted> read_headers(const json::object& body, Findings& findings)
{
    std::map<std::string, Redacted> headers;
    const auto* value = require(body, "headers", findings);
    if (value == nullptr) {
        return headers;
    }
    if (!value->is_object()) {
        findings.add("dict_type", {"body", "headers"}, "Input should be a valid dictionary");
        return headers;
    }
    if (value->as_object().empty()) {
        findings.add("too_short", {"body", "headers"},
                     "Dictionary should have at least 1 item after validation, not 0");
    }
    for (const auto& [name, content] : value->as_object()) {
        if (!content.is_string()) {
            findings.add("string_type", {"body", "headers", name}, "Input should be a valid string");
        } else if (!wire::is_field_name(name)) {
            findings.add_value_error({"body", "headers", name}, "header names must be those of HTTP");
        } else if (wire::has_control_character(content.as_string())) {
            findings.add_value_error({"body", "headers", name},
                                     "header values must not contain control characters");
        } else {
            headers.insert_or_assign(std::string{name}, Redacted{std::string{content.as_string()}});
        }
    }
    return headers;
}

} // namespace

std::string read_proxy_name(std::string_view path_segment, Findings& findings)
{
    if (!is_proxy_name(path_segment)) {
        add_bad_name({"path", "name"}, findings);
    }
    return std::string{path_segment};
}

HttpProxySpec read_create_proxy(const http::Headers& headers, std::string_view body, Findings& findings)
{
    HttpProxySpec spec;
    if (const auto object = read_required_object(headers, body, findings)) {
        spec.name = read_name(*object, findings);
        spec.target = read_target(*object, findings);
        spec.headers = read_headers(*object, findings);
    }
    return spec;
}

} // namespace drukbox::service::api
