#include "wire/requests/create_proxy.hpp"

#include "wire/ascii.hpp"
#include "wire/plain_text.hpp"
#include "wire/requests/parameters.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstddef>

namespace drukbox::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_target = 2083;

/// Null, and a finding, where a field is absent.
const json::value* require(const json::object& body, std::string_view key, Findings& findings)
{
    const json::value* const value = body.if_contains(key);
    if (value == nullptr) {
        findings.add("missing", {"body", key}, "Field required");
    }
    return value;
}

std::string read_name(const json::object& body, Findings& findings)
{
    const json::value* const value = require(body, "name", findings);
    const json::string* const name = value == nullptr ? nullptr : as_text(*value, {"body", "name"}, findings);
    if (name == nullptr) {
        return {};
    }
    check_proxy_name(*name, {"body", "name"}, findings);
    return std::string{*name};
}

std::size_t characters_in(std::string_view text)
{
    const auto begins_one = [](unsigned char c) { return (c & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_one));
}

std::string read_target(const json::object& body, ReadOrigin& read_origin, Findings& findings)
{
    const json::value* const value = require(body, "target", findings);
    if (value == nullptr) {
        return {};
    }
    json::array location{"body", "target"};
    if (!value->is_string()) {
        findings.add("url_type", std::move(location), "URL input should be a string or URL");
        return {};
    }
    const std::string url{value->get_string()};
    const auto end_of_scheme = url.find("://");
    const auto scheme = to_lower(url.substr(0, end_of_scheme));
    Origin origin;
    if (characters_in(url) > longest_target) {
        findings.add("url_too_long", std::move(location), "URL should have at most 2083 characters");
        return {};
    }
    if (end_of_scheme != std::string::npos && !has_control_character(url)) {
        if (scheme != "http" && scheme != "https") {
            findings.add("url_scheme", std::move(location), "URL scheme should be 'http' or 'https'");
            return {};
        }
        origin = read_origin(url);
    }
    if (!origin.surplus.empty()) {
        findings.add_rule(std::move(location), "target URL must not contain " + std::string{origin.surplus});
    } else if (origin.text.empty()) {
        findings.add("url_parsing", std::move(location), "Input should be a valid URL");
    }
    return origin.text;
}

std::map<std::string, std::string> read_headers(const json::object& body, Findings& findings)
{
    std::map<std::string, std::string> headers;
    const json::value* const value = require(body, "headers", findings);
    const json::object* const given =
        value == nullptr ? nullptr : as_filled_dictionary(*value, {"body", "headers"}, findings);
    if (given == nullptr) {
        return headers;
    }
    for (const auto& [name, content] : *given) {
        json::array location{"body", "headers", name};
        const json::string* const text = as_text(content, location, findings);
        if (text == nullptr) {
            continue;
        }
        if (!is_field_name(name)) {
            findings.add_rule(std::move(location), "header names must be those of HTTP");
        } else if (has_control_character(*text)) {
            findings.add_rule(std::move(location), "header values must not contain control characters");
        } else {
            headers.emplace(name, *text);
        }
    }
    return headers;
}

} // namespace

CreateProxy read_create_proxy(const RequestBody& body, ReadOrigin& read_origin, Findings& findings)
{
    CreateProxy create;
    if (const auto object = read_required_object(body, findings)) {
        create.name = read_name(*object, findings);
        create.target = read_target(*object, read_origin, findings);
        create.headers = read_headers(*object, findings);
    }
    return create;
}

} // namespace drukbox::wire
