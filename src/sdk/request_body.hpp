#pragma once

#include <drukbox/create_host_request.hpp>
#include <drukbox/create_http_proxy_request.hpp>
#include <drukbox/lease.hpp>

#include <string>

namespace drukbox::sdk {

/// The JSON text of each request that has one, in the order of keys of the published client. Text that is not
/// UTF-8 is a SandboxUsageError that shows no value.

[[nodiscard]] std::string create_host_body(const CreateHostRequest& request);
[[nodiscard]] std::string renewal_body(Lease lease);
[[nodiscard]] std::string create_http_proxy_body(const CreateHTTPProxyRequest& request);

} // namespace drukbox::sdk
