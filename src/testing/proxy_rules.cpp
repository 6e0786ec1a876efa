#include "testing/proxy_rules.hpp"

#include "testing/request_body.hpp"
#include "wire/plain_text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace drukbox::inline v0::testing::detail {
namespace {

namespace json = boost::json;

void check_name(const std::string& name, json::array location, Findings& findings)
{
    const auto fits = [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; };
    if (name.empty() || !is_alphanumeric(name.front()) || !std::ranges::all_of(name, fits)) {
        findings.add("string_pattern_mismatch", std::move(location),
                     "String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.-]*$'");
    }
}

/// What a target holds that it must not; empty: nothing.
std::string_view surplus(std::string_view after_scheme)
{
    const auto authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
    const auto rest = after_scheme.substr(authority.size());
    const auto path = rest.substr(0, rest.find_first_of("?#"));
    if (authority.find('@') != std::string_view::npos) {
        return "credentials";
    }
    if (!path.empty() && path != "/") {
        return "a path";
    }
    if (rest.find('?') != std::string_view::npos) {
        return "a query string";
    }
    return rest.find('#') != std::string_view::npos ? "a fragment" : "";
}

// What is wrong with a target does not come back in a finding: it may hold credentials.
void check_target(std::string_view target, Findings& findings)
{
    constexpr std::size_t longest = 2083;
    const json::array location{"body", "target"};
    const auto scheme = target.substr(0, target.find("://"));
    const auto rest = target.substr(std::min(target.size(), scheme.size() + 3));
    if (target.size() > longest) {
        findings.add("url_too_long", location, "URL should have at most 2083 characters");
    } else if (scheme != "http" && scheme != "https") {
        findings.add("url_scheme", location, "URL scheme should be 'http' or 'https'");
    } else if (wire::has_control_character(target)) {
        findings.add("url_parsing", location, "Input should be a valid URL");
    } else if (rest.empty()) {
        findings.add("url_parsing", location, "Input should be a valid URL, empty host");
    } else if (const auto found = surplus(rest); !found.empty()) {
        findings.add_rule(location, "target URL must not contain " + std::string{found});
    }
}

std::map<std::string, std::string> read_headers(const json::object& body, Findings& findings)
{
    std::map<std::string, std::string> headers;
    const json::value* value = body.if_contains("headers");
    if (value == nullptr) {
        findings.add("missing", {"body", "headers"}, "Field required");
        return headers;
    }
    if (!value->is_object()) {
        findings.add("dict_type", {"body", "headers"}, "Input should be a valid dictionary");
        return headers;
    }
    for (const auto& [name, text] : value->as_object()) {
        if (!text.is_string()) {
            findings.add("string_type", {"body", "headers", name}, "Input should be a valid string");
        } else if (!wire::is_field_name(name)) {
            findings.add_rule({"body", "headers", name}, "header names must be those of HTTP");
        } else if (wire::has_control_character(text.as_string())) {
            findings.add_rule({"body", "headers", name}, "header values must not contain control characters");
        } else {
            headers.emplace(name, text.as_string());
        }
    }
    if (value->as_object().empty()) {
        findings.add("too_short", {"body", "headers"},
                     "Dictionary should have at least 1 item after validation, not 0");
    }
    return headers;
}

} // namespace

HTTPProxyState read_proxy(const RecordedRequest& request, Findings& findings)
{
    HTTPProxyState proxy;
    if (request.body.empty() || request.body == "null") {
        findings.add("missing", {"body"}, "Field required");
        return proxy;
    }
    const json::object body = read_object(request, findings);
    if (!findings.empty()) {
        return proxy;
    }
    if (const auto name = read_required_text(body, "name", findings)) {
        check_name(*name, {"body", "name"}, findings);
        proxy.name = *name;
    }
    if (const auto target = read_required_text(body, "target", findings)) {
        check_target(*target, findings);
        proxy.target = *target;
    }
    proxy.headers = read_headers(body, findings);
    return proxy;
}

void check_proxy_name(const std::string& parameter, Findings& findings)
{
    check_name(parameter, {"path", "name"}, findings);
}

} // namespace drukbox::inline v0::testing::detail
