#include "wire/requests/secret_rules.hpp"

#include "wire/ascii.hpp"
#include "wire/plain_text.hpp"
#include "wire/requests/request_body.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace drukbox::wire {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> known_names{"anthropic", "github", "openai"};
constexpr std::array<std::string_view, 4> custom_fields{"host", "auth_variable", "auth_header",
                                                        "auth_prefix"};
constexpr std::array<std::string_view, 6> entry_fields{"host",        "auth_variable", "auth_header",
                                                       "auth_prefix", "value",         "issuer"};
constexpr std::array<std::string_view, 3> issuer_fields{"url", "headers", "refresh"};

constexpr const char* header_name_pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

bool is_secret_name(std::string_view name)
{
    constexpr std::size_t longest = 64;
    return !name.empty() && name.size() <= longest && is_lower(name.front()) &&
           std::ranges::all_of(name,
                               [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
}

bool is_host(std::string_view host)
{
    constexpr std::size_t longest = 253;
    constexpr std::size_t longest_label = 63;
    if (host.empty() || host.size() > longest) {
        return false;
    }
    for (;;) {
        const std::string_view label = host.substr(0, host.find('.'));
        if (label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-' ||
            !std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; })) {
            return false;
        }
        if (label.size() == host.size()) {
            return true;
        }
        host.remove_prefix(label.size() + 1);
    }
}

bool is_refresh(std::string_view text)
{
    constexpr std::string_view units = "smhd";
    return text.size() > 1 && text.front() != '0' && units.find(text.back()) != std::string_view::npos &&
           std::ranges::all_of(text.substr(0, text.size() - 1), is_digit);
}

/// The text of a field; null where it is absent, and null and a finding where it is no string.
const json::string* find_text(const json::object& object, std::string_view key, const json::array& location,
                              Findings& findings)
{
    const json::value* const value = object.if_contains(key);
    return value == nullptr ? nullptr : as_text(*value, below(location, key), findings);
}

template <std::size_t N>
void refuse_others(const json::object& object, const std::array<std::string_view, N>& known,
                   const json::array& location, Findings& findings)
{
    for (const auto& member : object) {
        if (std::ranges::find(known, std::string_view{member.key()}) == known.end()) {
            findings.add("extra_forbidden", below(location, member.key()), "Extra inputs are not permitted");
        }
    }
}

void require_pattern(bool fits, json::array location, std::string_view pattern, Findings& findings)
{
    if (!fits) {
        findings.add_mismatch(std::move(location), pattern);
    }
}

void require_no_control(std::string_view text, json::array location, Findings& findings)
{
    if (has_control_character(text)) {
        findings.add_rule(std::move(location), "must not contain control characters");
    }
}

void require_something(const json::string& text, json::array location, Findings& findings)
{
    if (text.empty()) {
        findings.add("string_too_short", std::move(location), "String should have at least 1 character");
    }
}

void check_url(std::string_view url, const json::array& location, Findings& findings)
{
    constexpr std::size_t longest = 2083;
    const auto scheme_end = url.find("://");
    const auto scheme = to_lower(std::string{url.substr(0, scheme_end)});
    if (url.size() > longest) {
        findings.add("url_too_long", location, "URL should have at most 2083 characters");
        return;
    }
    if (scheme_end == std::string_view::npos || has_control_character(url) ||
        url.find(' ') != std::string_view::npos) {
        findings.add("url_parsing", location, "Input should be a valid URL");
        return;
    }
    if (scheme != "http" && scheme != "https") {
        findings.add("url_scheme", location, "URL scheme should be 'http' or 'https'");
        return;
    }
    std::string_view authority = url.substr(scheme_end + 3);
    authority = authority.substr(0, authority.find_first_of("/?#\\"));
    if (authority.find('@') != std::string_view::npos) {
        findings.add_rule(location, "issuer URL must not contain credentials");
    } else if (!is_authority(authority)) {
        findings.add("url_parsing", location, "Input should be a valid URL");
    } else if (url.find('#') != std::string_view::npos) {
        findings.add_rule(location, "issuer URL must not contain a fragment");
    }
}

void check_headers(const json::value& value, const json::array& location, Findings& findings)
{
    const json::object* const headers = as_filled_dictionary(value, location, findings);
    if (headers == nullptr) {
        return;
    }
    for (const auto& [name, content] : *headers) {
        const json::array path = below(location, name);
        require_pattern(is_field_name(name), path, header_name_pattern, findings);
        if (const json::string* const text = as_text(content, path, findings)) {
            require_something(*text, path, findings);
            require_no_control(*text, path, findings);
        }
    }
}

void check_issuer(const json::value& value, const json::array& location, Findings& findings)
{
    const json::object* const issuer = value.if_object();
    if (issuer == nullptr) {
        add_no_fields(location, findings);
        return;
    }
    for (const std::string_view field : issuer_fields) {
        if (!issuer->contains(field)) {
            findings.add("missing", below(location, field), "Field required");
        }
    }
    if (const json::string* const url = find_text(*issuer, "url", location, findings)) {
        check_url(*url, below(location, "url"), findings);
    }
    if (const json::value* const headers = issuer->if_contains("headers")) {
        check_headers(*headers, below(location, "headers"), findings);
    }
    if (const json::string* const refresh = find_text(*issuer, "refresh", location, findings)) {
        require_pattern(is_refresh(*refresh), below(location, "refresh"), "^[1-9][0-9]*[smhd]$", findings);
    }
    refuse_others(*issuer, issuer_fields, location, findings);
}

/// What says for whom a secret is that has no known name.
void check_custom_fields(const json::object& entry, const json::array& location, Findings& findings)
{
    if (const json::string* const host = find_text(entry, "host", location, findings)) {
        require_pattern(is_host(*host), below(location, "host"),
                        "^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*"
                        "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
                        findings);
    }
    if (const json::string* const variable = find_text(entry, "auth_variable", location, findings)) {
        require_pattern(is_variable_name(*variable), below(location, "auth_variable"),
                        "^[A-Za-z_][A-Za-z0-9_]*$", findings);
    }
    if (const json::string* const header = find_text(entry, "auth_header", location, findings)) {
        require_pattern(is_field_name(*header), below(location, "auth_header"), header_name_pattern,
                        findings);
    }
    if (const json::string* const prefix = find_text(entry, "auth_prefix", location, findings)) {
        require_no_control(*prefix, below(location, "auth_prefix"), findings);
    }
}

void check_entry(const json::value& value, const json::array& location, Findings& findings)
{
    const json::object* const entry = value.if_object();
    if (entry == nullptr) {
        add_no_fields(location, findings);
        return;
    }
    const std::size_t before = findings.size();
    check_custom_fields(*entry, location, findings);
    const json::value* const secret = find_value(*entry, "value");
    const json::value* const issuer = find_value(*entry, "issuer");
    const json::string* const text =
        secret == nullptr ? nullptr : as_text(*secret, below(location, "value"), findings);
    if (text != nullptr) {
        require_something(*text, below(location, "value"), findings);
    }
    if (issuer != nullptr) {
        check_issuer(*issuer, below(location, "issuer"), findings);
    }
    refuse_others(*entry, entry_fields, location, findings);
    if (findings.size() > before) {
        return;
    }
    if ((secret == nullptr) == (issuer == nullptr)) {
        findings.add_rule(location, "provide exactly one of value or issuer");
    } else if (std::ranges::any_of(custom_fields,
                                   [&](std::string_view field) { return entry->contains(field); }) &&
               !(entry->contains("host") && entry->contains("auth_variable"))) {
        findings.add_rule(location, "a custom service needs host and auth_variable");
    }
}

} // namespace

void check_secrets(const json::value& secrets, Findings& findings)
{
    const json::array location{"body", "secrets"};
    const json::object* const entries = as_dictionary(secrets, location, findings);
    if (entries == nullptr) {
        return;
    }
    const auto before = findings.size();
    for (const auto& [name, entry] : *entries) {
        check_entry(entry, below(location, name), findings);
    }
    if (findings.size() > before) {
        return;
    }
    for (const auto& [name, entry] : *entries) {
        if (!is_secret_name(name)) {
            findings.add_rule(location, "invalid secret service name '" + std::string{name} + "'");
        } else if (!entry.get_object().contains("host") &&
                   std::ranges::find(known_names, std::string_view{name}) == known_names.end()) {
            findings.add_rule(location, "unknown secret service '" + std::string{name} + "'");
        }
    }
}

} // namespace drukbox::wire
