#include "sdk/request.hpp"

#include "sdk/config_check.hpp"
#include "sdk/request_body.hpp"
#include "wire/percent.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace drukbox::sdk {
namespace {

// One segment of a path, `what` being what it stands for.
std::string segment(std::string_view operation, std::string_view what, std::string_view text)
{
    if (text.empty()) {
        refuse(std::string{"the "}.append(what).append(" is empty"), operation);
    }
    // Dots alone would be taken out of the path on the way, and the request would mean another resource.
    if (text == "." || text == "..") {
        refuse(std::string{"not a "}.append(what), operation);
    }
    // The colon, which a path may have, stays as it is: the published clients send `urn:uuid:…` so.
    return wire::percent_encode(text, ":");
}

std::string host_path(std::string_view operation, std::string_view host_id)
{
    return "/hosts/" + segment(operation, "host id", host_id);
}

std::string proxy_path(std::string_view operation, std::string_view name)
{
    return "/http-proxies/" + segment(operation, "proxy name", name);
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

void check_idempotency_key(std::string_view key)
{
    // The service has a stricter rule and says so; this one keeps the header a header.
    const auto is_unfit = [](char c) { return c < ' ' || c == 0x7f; };
    if (key.empty() || std::ranges::any_of(key, is_unfit)) {
        refuse("the idempotency key is empty or has control or non-ASCII characters", "create_host");
    }
}

// What curl would send a request to an `http://` URL through.
bool environment_has_a_proxy_elsewhere()
{
    for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy"}) {
        const char* const value = std::getenv(name);
        if (value != nullptr && *value != '\0' && !is_this_machine(value)) {
            return true;
        }
    }
    return false;
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
    set_json(request, create_host_body(create));
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
    set_json(request, renewal_body(lease));
    return request;
}

http::Request delete_host_request(const SandboxConfig& config, std::string_view host_id)
{
    return request_for(config, "DELETE", host_path("delete_host", host_id));
}

http::Request create_http_proxy_request(const SandboxConfig& config, const CreateHTTPProxyRequest& create)
{
    http::Request request = request_for(config, "POST", "/http-proxies");
    set_json(request, create_http_proxy_body(create));
    return request;
}

http::Request delete_http_proxy_request(const SandboxConfig& config, std::string_view name)
{
    return request_for(config, "DELETE", proxy_path("delete_http_proxy", name));
}

http::Request attach_http_proxy_request(const SandboxConfig& config, std::string_view name,
                                        std::string_view host_id)
{
    constexpr std::string_view operation = "attach_http_proxy";
    return request_for(config, "POST", proxy_path(operation, name) + host_path(operation, host_id));
}

http::Request detach_http_proxy_request(const SandboxConfig& config, std::string_view name,
                                        std::string_view host_id)
{
    constexpr std::string_view operation = "detach_http_proxy";
    return request_for(config, "DELETE", proxy_path(operation, name) + host_path(operation, host_id));
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
    options.direct = config.proxy.empty() && !config.allow_plain_http && is_plain_http(config.base_url) &&
                     environment_has_a_proxy_elsewhere();
    options.unix_socket = config.unix_socket;
    return options;
}

} // namespace drukbox::sdk
