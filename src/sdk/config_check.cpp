#include "sdk/config_check.hpp"

#include <drukbox/sandbox_error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

namespace drukbox::sdk {
namespace {

bool is_visible_ascii(char c) noexcept
{
    return c > ' ' && c < 0x7f;
}

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// What follows the scheme; empty when there is no such scheme.
std::string_view after_scheme(std::string_view url) noexcept
{
    for (const std::string_view scheme : std::array<std::string_view, 2>{"http://", "https://"}) {
        if (std::ranges::equal(url.substr(0, scheme.size()), scheme, {}, lower)) {
            return url.substr(scheme.size());
        }
    }
    return {};
}

bool is_port(std::string_view text) noexcept
{
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

bool is_authority(std::string_view authority) noexcept
{
    const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
    if (bracket == std::string_view::npos) {
        return false;
    }
    const std::size_t colon = authority.find(':', bracket);
    const std::string_view host = authority.substr(0, colon);
    return !host.empty() && (bracket == 0 || (bracket > 1 && host.size() == bracket + 1)) &&
           (colon == std::string_view::npos || is_port(authority.substr(colon + 1)));
}

[[noreturn]] void refuse_member(std::string_view name, std::string_view problem)
{
    refuse(std::string{name}.append(" ").append(problem));
}

void check_duration(std::string_view name, std::chrono::milliseconds duration)
{
    if (duration < std::chrono::milliseconds::zero()) {
        refuse_member(name, "must not be negative");
    }
}

void check_no_nul(std::string_view name, std::string_view text)
{
    if (text.find('\0') != std::string_view::npos) {
        refuse_member(name, "must not contain a NUL");
    }
}

} // namespace

void refuse(const std::string& message, std::string_view operation)
{
    SandboxErrorInfo info;
    info.operation = operation;
    info.detail = message;
    throw SandboxUsageError(std::move(info));
}

std::string checked_base_url(std::string_view name, std::string_view url)
{
    if (url.empty()) {
        refuse_member(name, "is missing: it should be the http:// or https:// URL of the service");
    }
    if (!std::ranges::all_of(url, is_visible_ascii)) {
        refuse_member(name, "must not contain spaces, control characters or non-ASCII characters");
    }
    const std::string_view rest = after_scheme(url);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    // The URL is not shown where it may hold a password.
    if (authority.find('@') != std::string_view::npos) {
        refuse_member(name, "must not contain credentials");
    }
    if (!is_authority(authority)) {
        refuse_member(name, "should be an http:// or https:// URL, such as https://sandbox.example.com");
    }
    if (rest.find_first_of("?#") != std::string_view::npos) {
        refuse_member(name, "must not contain a query or a fragment");
    }
    return std::string{url.substr(0, url.find_last_not_of('/') + 1)};
}

void check_token(std::string_view name, std::string_view token)
{
    if (token.empty()) {
        refuse_member(name, "is missing: it should be a token of the service");
    }
    if (!std::ranges::all_of(token, is_visible_ascii)) {
        refuse_member(name, "must not contain spaces, line ends or other control or non-ASCII characters");
    }
}

SandboxConfig checked(SandboxConfig config)
{
    config.base_url = checked_base_url("base_url", config.base_url);
    check_token("token", config.token);
    check_duration("timeout", config.timeout);
    check_duration("connect_timeout", config.connect_timeout);
    if (config.max_connections < 1) {
        refuse_member("max_connections", "must be at least 1");
    }
    if (config.max_idle_connections > config.max_connections) {
        refuse_member("max_idle_connections", "must not exceed max_connections");
    }
    if (config.client_certificate.empty() && !config.client_key.empty()) {
        refuse_member("client_key", "needs a client_certificate");
    }
    check_no_nul("ca_file", config.ca_file);
    check_no_nul("ca_directory", config.ca_directory);
    check_no_nul("client_certificate", config.client_certificate);
    check_no_nul("client_key", config.client_key);
    check_no_nul("proxy", config.proxy);
    check_no_nul("unix_socket", config.unix_socket);
    if (std::ranges::any_of(config.user_agent, [](char c) { return c != ' ' && !is_visible_ascii(c); })) {
        refuse_member("user_agent", "must be printable ASCII");
    }
    return config;
}

} // namespace drukbox::sdk
