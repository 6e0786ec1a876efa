#pragma once

#include "http/client/client.hpp"

#include <drukbox/create_host_request.hpp>
#include <drukbox/create_http_proxy_request.hpp>
#include <drukbox/lease.hpp>
#include <drukbox/sandbox_config.hpp>

#include <string>
#include <string_view>

namespace drukbox::sdk {

/// Each operation as the HTTP request that it is. What cannot be sent is a SandboxUsageError.

[[nodiscard]] http::Request create_host_request(const SandboxConfig& config,
                                                const CreateHostRequest& request);
[[nodiscard]] http::Request get_host_request(const SandboxConfig& config, std::string_view operation,
                                             std::string_view host_id);
[[nodiscard]] http::Request list_hosts_request(const SandboxConfig& config);
[[nodiscard]] http::Request renew_host_request(const SandboxConfig& config, std::string_view host_id,
                                               Lease lease);
[[nodiscard]] http::Request delete_host_request(const SandboxConfig& config, std::string_view host_id);
[[nodiscard]] http::Request create_http_proxy_request(const SandboxConfig& config,
                                                      const CreateHTTPProxyRequest& request);
[[nodiscard]] http::Request delete_http_proxy_request(const SandboxConfig& config, std::string_view name);
[[nodiscard]] http::Request attach_http_proxy_request(const SandboxConfig& config, std::string_view name,
                                                      std::string_view host_id);
[[nodiscard]] http::Request detach_http_proxy_request(const SandboxConfig& config, std::string_view name,
                                                      std::string_view host_id);
[[nodiscard]] http::Request doctor_request(const SandboxConfig& config);

/// How the HTTP client is to be set up.
[[nodiscard]] http::ClientOptions client_options(const SandboxConfig& config);

} // namespace drukbox::sdk
