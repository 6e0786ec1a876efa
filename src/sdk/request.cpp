#include "sdk/request.hpp"

#include "sdk/config_check.hpp"
#include "wire/json_text.hpp"
#include "wire/object_writer.hpp"
#include "wire/timestamp.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace drukbox::sdk {
namespace {

// Python's isoformat() of a time in UTC, which is what the published clients send.
std::string isoformat(Lease::TimePoint time)
{
    std::string text = wire::format_timestamp(time);
    text.pop_back();
    return text += "+00:00";
}

bool is_unreserved(char c) noexcept
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            out += '%';
            out += digits[static_cast<std::uint8_t>(c) >> 4];
            out += digits[static_cast<std::uint8_t>(c) & 0x0f];
        }
    }
    return out;
}

std::string host_path(std::string_view operation, std::string_view host_id)
{
    if (host_id.empty()) {
        refuse("the host id is empty", operation);
    }
    // Dots alone would be taken out of the path on the way, and the request would mean another resource.
    if (host_id == "." || host_id == "..") {
        refuse("not a host id", operation);
    }
    return "/hosts/" + percent_encoded(host_id);
}

http::Request request_for(const SandboxConfig& config, std::string method, std::string_view path)
{
    http::Request request{std::move(method), config.base_url + std::string{path}};
    request.headers.add("Accept", "application/json");
    request.headers.add("Authorization", "Bearer " + config.token);
    request.timeout = config.timeout;
    // Only a GET leaves nothing behind when it is sent twice: a DELETE that is repeated finds nothing, and
    // says so.
    request.idempotent = request.method == "GET";
    return request;
}

void set_json(http::Request& request, std::string body)
{
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
}

void write_string(wire::ObjectWriter& json, std::string_view key, const std::optional<std::string>& value)
{
    if (!value) {
        return;
    }
    if (!wire::is_utf8(*value)) {
        refuse(std::string{key} + " is not UTF-8", "create_host");
    }
    json.string(key, *value);
}

void write_env(wire::ObjectWriter& json, std::string& out,
               const std::vector<CreateHostRequest::Variable>& env)
{
    if (env.empty()) {
        return;
    }
    json.key("env");
    wire::ObjectWriter object{out};
    for (const auto& [name, value] : env) {
        if (!wire::is_utf8(name)) {
            refuse("a name in env is not UTF-8", "create_host");
        }
        if (!wire::is_utf8(value)) {
            refuse("the value of " + name + " in env is not UTF-8", "create_host");
        }
        object.text_key(name);
        wire::append_json_string(out, value);
    }
    object.close();
}

std::string create_body(const CreateHostRequest& request)
{
    std::string body;
    wire::ObjectWriter json{body};
    write_env(json, body, request.env());
    if (const auto end = request.lease().end()) {
        json.string("expires_at", isoformat(*end));
    } else if (request.lease().is_permanent()) {
        json.null("expires_at");
    }
    write_string(json, "image", request.image());
    write_string(json, "provider", request.provider());
    write_string(json, "instance_type", request.instance_type());
    if (request.disk_gb()) {
        json.integer("disk_gb", *request.disk_gb());
    }
    json.close();
    return body;
}

void check_idempotency_key(std::string_view key)
{
    // The service has a stricter rule and says so; this one keeps the header a header.
    const auto is_unfit = [](char c) { return c < ' ' || c == 0x7f; };
    if (key.empty() || std::ranges::any_of(key, is_unfit)) {
        refuse("the idempotency key is empty or has control or non-ASCII characters", "create_host");
    }
}

} // namespace

http::Request create_host_request(const SandboxConfig& config, const CreateHostRequest& create)
{
    http::Request request = request_for(config, "POST", "/hosts");
    request.lane = http::Lane::lengthy;
    if (const auto& key = create.idempotency_key()) {
        check_idempotency_key(*key);
        request.headers.add("Idempotency-Key", *key);
    }
    set_json(request, create_body(create));
    return request;
}

http::Request get_host_request(const SandboxConfig& config, std::string_view operation,
                               std::string_view host_id)
{
    return request_for(config, "GET", host_path(operation, host_id));
}

http::Request list_hosts_request(const SandboxConfig& config)
{
    return request_for(config, "GET", "/hosts");
}

http::Request renew_host_request(const SandboxConfig& config, std::string_view host_id, Lease lease)
{
    if (lease.is_permanent()) {
        refuse("a renewal cannot make a host permanent", "renew_host");
    }
    http::Request request = request_for(config, "POST", host_path("renew_host", host_id) + "/renew");
    std::string body;
    wire::ObjectWriter json{body};
    if (const auto end = lease.end()) {
        json.string("expires_at", isoformat(*end));
    }
    json.close();
    set_json(request, std::move(body));
    return request;
}

http::Request delete_host_request(const SandboxConfig& config, std::string_view host_id)
{
    return request_for(config, "DELETE", host_path("delete_host", host_id));
}

http::Request doctor_request(const SandboxConfig& config)
{
    return request_for(config, "GET", "/doctor");
}

http::ClientOptions client_options(const SandboxConfig& config)
{
    http::ClientOptions options;
    options.max_connections = config.max_connections;
    options.max_idle_connections = config.max_idle_connections;
    options.reserved_for_brief = std::min<std::size_t>(2, config.max_connections - 1);
    options.connect_timeout = config.connect_timeout;
    options.user_agent = config.user_agent.empty() ? "drukbox/" DRUKBOX_VERSION : config.user_agent;
    options.ca_file = config.ca_file;
    options.ca_directory = config.ca_directory;
    options.client_certificate = config.client_certificate;
    options.client_key = config.client_key;
    options.verify_tls = !config.insecure_skip_tls_verification;
    options.proxy = config.proxy;
    options.unix_socket = config.unix_socket;
    return options;
}

} // namespace drukbox::sdk
