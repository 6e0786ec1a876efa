#include "wire/secret_rules.hpp"

#include "wire/plain_text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

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

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_alphanumeric(char c)
{
    return is_letter(c) || is_digit(c);
}

bool is_secret_name(std::string_view name)
{
    constexpr std::size_t longest = 64;
    return !name.empty() && name.size() <= longest && name.front() >= 'a' && name.front() <= 'z' &&
           std::ranges::all_of(
               name, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-'; });
}

bool is_variable_name(std::string_view name)
{
    return !name.empty() && !is_digit(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '_'; });
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

/// Whether what follows the scheme of a URL begins with a host and, where there is one, a port.
bool has_authority(std::string_view authority)
{
    const bool literal = authority.starts_with('[');
    const auto end = literal ? authority.find(']') : authority.find(':');
    if (literal && end == std::string_view::npos) {
        return false;
    }
    const std::string_view host = authority.substr(0, end);
    std::string_view port =
        end == std::string_view::npos ? std::string_view{} : authority.substr(end + (literal ? 1 : 0));
    if (port.starts_with(':')) {
        port.remove_prefix(1);
    } else if (!port.empty()) {
        return false;
    }
    std::uint16_t number = 0;
    const auto* last = port.data() + port.size();
    const auto [stop, error] = std::from_chars(port.data(), last, number);
    return host.size() > (literal ? 1U : 0U) && (port.empty() || (stop == last && error == std::errc{}));
}

/// Collects what is wrong, with the path to it.
class Check
{
public:
    explicit Check(std::vector<Finding>& findings)
        : findings_(findings)
    {
    }

    void add(std::string type, json::array location, std::string message)
    {
        findings_.emplace_back(std::move(type), std::move(location), std::move(message));
    }

    void add_rule(json::array location, const std::string& message)
    {
        add("value_error", std::move(location), "Value error, " + message);
    }

    /// The text of a field; nothing where it is absent, and nothing and a finding where it is no string.
    const json::string* text(const json::object& object, std::string_view key, const json::array& location)
    {
        const json::value* const value = object.if_contains(key);
        if (value == nullptr) {
            return nullptr;
        }
        const json::string* const text = value->if_string();
        if (text == nullptr) {
            add("string_type", below(location, key), "Input should be a valid string");
        }
        return text;
    }

    template <std::size_t N>
    void refuse_others(const json::object& object, const std::array<std::string_view, N>& known,
                       const json::array& location)
    {
        for (const auto& member : object) {
            if (std::ranges::find(known, std::string_view{member.key()}) == known.end()) {
                add("extra_forbidden", below(location, member.key()), "Extra inputs are not permitted");
            }
        }
    }

    void require_pattern(bool fits, json::array location, const std::string& pattern)
    {
        if (!fits) {
            add("string_pattern_mismatch", std::move(location),
                "String should match pattern '" + pattern + "'");
        }
    }

    void require_no_control(std::string_view text, json::array location)
    {
        if (has_control_character(text)) {
            add_rule(std::move(location), "must not contain control characters");
        }
    }

    /// Null and absent alike.
    static const json::value* find(const json::object& object, std::string_view key)
    {
        const json::value* const value = object.if_contains(key);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    static json::array below(const json::array& location, std::string_view key)
    {
        json::array path = location;
        path.emplace_back(key);
        return path;
    }

    [[nodiscard]] std::size_t count() const noexcept { return findings_.size(); }

private:
    std::vector<Finding>& findings_;
};

void check_url(Check& check, std::string_view url, const json::array& location)
{
    constexpr std::size_t longest = 2083;
    const auto scheme_end = url.find("://");
    std::string scheme{url.substr(0, scheme_end)};
    std::ranges::transform(scheme, scheme.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (url.size() > longest) {
        check.add("url_too_long", location, "URL should have at most 2083 characters");
        return;
    }
    if (scheme_end == std::string_view::npos || has_control_character(url) ||
        url.find(' ') != std::string_view::npos) {
        check.add("url_parsing", location, "Input should be a valid URL");
        return;
    }
    if (scheme != "http" && scheme != "https") {
        check.add("url_scheme", location, "URL scheme should be 'http' or 'https'");
        return;
    }
    std::string_view authority = url.substr(scheme_end + 3);
    authority = authority.substr(0, authority.find_first_of("/?#\\"));
    if (authority.find('@') != std::string_view::npos) {
        check.add_rule(location, "issuer URL must not contain credentials");
    } else if (!has_authority(authority)) {
        check.add("url_parsing", location, "Input should be a valid URL");
    } else if (url.find('#') != std::string_view::npos) {
        check.add_rule(location, "issuer URL must not contain a fragment");
    }
}

void check_headers(Check& check, const json::value& value, const json::array& location)
{
    const json::object* const headers = value.if_object();
    if (headers == nullptr) {
        check.add("dict_type", location, "Input should be a valid dictionary");
        return;
    }
    if (headers->empty()) {
        check.add("too_short", location, "Dictionary should have at least 1 item after validation, not 0");
    }
    for (const auto& [name, content] : *headers) {
        const json::array path = Check::below(location, name);
        check.require_pattern(is_field_name(name), path, header_name_pattern);
        if (!content.is_string()) {
            check.add("string_type", path, "Input should be a valid string");
        } else if (content.get_string().empty()) {
            check.add("string_too_short", path, "String should have at least 1 character");
        } else {
            check.require_no_control(content.get_string(), path);
        }
    }
}

void check_issuer(Check& check, const json::value& value, const json::array& location)
{
    const json::object* const issuer = value.if_object();
    if (issuer == nullptr) {
        check.add("model_attributes_type", location,
                  "Input should be a valid dictionary or object to extract fields from");
        return;
    }
    for (const std::string_view field : issuer_fields) {
        if (!issuer->contains(field)) {
            check.add("missing", Check::below(location, field), "Field required");
        }
    }
    if (const json::string* const url = check.text(*issuer, "url", location)) {
        check_url(check, *url, Check::below(location, "url"));
    }
    if (const json::value* const headers = issuer->if_contains("headers")) {
        check_headers(check, *headers, Check::below(location, "headers"));
    }
    if (const json::string* const refresh = check.text(*issuer, "refresh", location)) {
        check.require_pattern(is_refresh(*refresh), Check::below(location, "refresh"), "^[1-9][0-9]*[smhd]$");
    }
    check.refuse_others(*issuer, issuer_fields, location);
}

/// What says for whom a secret is that has no known name.
void check_custom_fields(Check& check, const json::object& entry, const json::array& location)
{
    if (const json::string* const host = check.text(entry, "host", location)) {
        check.require_pattern(is_host(*host), Check::below(location, "host"),
                              "^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*"
                              "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$");
    }
    if (const json::string* const variable = check.text(entry, "auth_variable", location)) {
        check.require_pattern(is_variable_name(*variable), Check::below(location, "auth_variable"),
                              "^[A-Za-z_][A-Za-z0-9_]*$");
    }
    if (const json::string* const header = check.text(entry, "auth_header", location)) {
        check.require_pattern(is_field_name(*header), Check::below(location, "auth_header"),
                              header_name_pattern);
    }
    if (const json::string* const prefix = check.text(entry, "auth_prefix", location)) {
        check.require_no_control(*prefix, Check::below(location, "auth_prefix"));
    }
}

void check_entry(Check& check, const json::value& value, const json::array& location)
{
    const json::object* const entry = value.if_object();
    if (entry == nullptr) {
        check.add("model_attributes_type", location,
                  "Input should be a valid dictionary or object to extract fields from");
        return;
    }
    const std::size_t before = check.count();
    check_custom_fields(check, *entry, location);
    const json::value* const secret = Check::find(*entry, "value");
    const json::value* const issuer = Check::find(*entry, "issuer");
    if (secret != nullptr && !secret->is_string()) {
        check.add("string_type", Check::below(location, "value"), "Input should be a valid string");
    } else if (secret != nullptr && secret->get_string().empty()) {
        check.add("string_too_short", Check::below(location, "value"),
                  "String should have at least 1 character");
    }
    if (issuer != nullptr) {
        check_issuer(check, *issuer, Check::below(location, "issuer"));
    }
    check.refuse_others(*entry, entry_fields, location);
    if (check.count() > before) {
        return;
    }
    if ((secret == nullptr) == (issuer == nullptr)) {
        check.add_rule(location, "provide exactly one of value or issuer");
    } else if (std::ranges::any_of(custom_fields,
                                   [&](std::string_view field) { return entry->contains(field); }) &&
               !(entry->contains("host") && entry->contains("auth_variable"))) {
        check.add_rule(location, "a custom service needs host and auth_variable");
    }
}

} // namespace

std::vector<Finding> check_secrets(const boost::json::value& secrets)
{
    std::vector<Finding> findings;
    Check check{findings};
    const json::array location{"body", "secrets"};
    const json::object* const entries = secrets.if_object();
    if (entries == nullptr) {
        check.add("dict_type", location, "Input should be a valid dictionary");
        return findings;
    }
    for (const auto& [name, entry] : *entries) {
        check_entry(check, entry, Check::below(location, name));
    }
    if (!findings.empty()) {
        return findings;
    }
    for (const auto& [name, entry] : *entries) {
        if (!is_secret_name(name)) {
            check.add_rule(location, "invalid secret service name '" + std::string{name} + "'");
        } else if (!entry.get_object().contains("host") &&
                   std::ranges::find(known_names, std::string_view{name}) == known_names.end()) {
            check.add_rule(location, "unknown secret service '" + std::string{name} + "'");
        }
    }
    return findings;
}

} // namespace drukbox::wire
