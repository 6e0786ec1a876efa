#include "sdk/config_check.hpp"

#include <drukbox/sandbox_error.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sys/un.h>
#include <unistd.h>

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
    // More is a mistake, and would not fit where it goes.
    constexpr auto most = std::chrono::days{366};
    if (duration < std::chrono::milliseconds::zero() || duration > most) {
        refuse_member(name, "must not be negative or longer than 366 days");
    }
}

void check_no_nul(std::string_view name, std::string_view text)
{
    if (text.find('\0') != std::string_view::npos) {
        refuse_member(name, "must not contain a NUL");
    }
}

void check_readable(std::string_view name, const std::string& path)
{
    check_no_nul(name, path);
    if (!path.empty() && ::access(path.c_str(), R_OK) != 0) {
        refuse_member(name, "cannot be read: " + path + ": " + std::system_category().message(errno));
    }
}

void check_directory(std::string_view name, const std::string& path)
{
    check_readable(name, path);
    std::error_code error;
    if (!path.empty() && !std::filesystem::is_directory(path, error)) {
        refuse_member(name, "is not a directory: " + path);
    }
}

void check_proxy(std::string_view url)
{
    constexpr std::array<std::string_view, 6> schemes{"http",    "https",  "socks4",
                                                      "socks4a", "socks5", "socks5h"};
    const auto is_scheme = [url](std::string_view scheme) {
        return std::ranges::equal(url.substr(0, url.find("://")), scheme, {}, lower);
    };
    // The URL may hold a password and is not shown.
    if (!url.empty() && (url.find("://") == url.npos || std::ranges::none_of(schemes, is_scheme) ||
                         !std::ranges::all_of(url, is_visible_ascii))) {
        refuse_member("proxy", "should be an http://, https://, socks4://, socks4a://, socks5:// or "
                               "socks5h:// URL, such as http://proxy.example.com:3128");
    }
}

// The token of a request stands in it for everybody on the way to read.
void check_plain_http(const SandboxConfig& config)
{
    if (config.allow_plain_http || !is_plain_http(config.base_url) || !config.unix_socket.empty()) {
        return;
    }
    if (!is_this_machine(config.base_url)) {
        refuse_member("base_url",
                      "is plain http:// to another machine, and the token could be read on the way: use "
                      "https://, or set allow_plain_http where the network is protected otherwise");
    }
    if (!config.proxy.empty() && !is_this_machine(config.proxy)) {
        refuse_member("proxy",
                      "is on another machine, and the token of a plain http:// base_url could be read on the "
                      "way: use https://, or set allow_plain_http where the network is protected otherwise");
    }
}

void check_unix_socket(std::string_view path)
{
    check_no_nul("unix_socket", path);
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        refuse_member("unix_socket", "must not be longer than 107 bytes");
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

bool is_plain_http(std::string_view base_url) noexcept
{
    return lower(base_url.substr(0, 5).back()) != 's';
}

bool is_this_machine(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    std::string_view authority = url.substr(scheme == std::string_view::npos ? 0 : scheme + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    authority.remove_prefix(authority.rfind('@') + 1);
    const bool bracketed = authority.starts_with('[');
    const std::string_view host =
        bracketed ? authority.substr(1, authority.find(']') - 1) : authority.substr(0, authority.find(':'));
    if (std::ranges::equal(host, std::string_view{"localhost"}, {}, lower)) {
        return true;
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string{host}, error);
    if (error) {
        return false;
    }
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        const auto mapped = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
        return mapped.is_loopback() || mapped.is_unspecified();
    }
    return address.is_loopback() || address.is_unspecified();
}

void check_timeout(std::chrono::milliseconds timeout)
{
    check_duration("timeout", timeout);
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
    check_timeout(config.timeout);
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
    check_readable("ca_file", config.ca_file);
    check_directory("ca_directory", config.ca_directory);
    check_readable("client_certificate", config.client_certificate);
    check_readable("client_key", config.client_key);
    check_proxy(config.proxy);
    check_unix_socket(config.unix_socket);
    check_plain_http(config);
    if (std::ranges::any_of(config.user_agent, [](char c) { return c != ' ' && !is_visible_ascii(c); })) {
        refuse_member("user_agent", "must be printable ASCII");
    }
    return config;
}

} // namespace drukbox::sdk
