#include "sdk/run_blocking.hpp"

#include <drukbox/sandbox_client.hpp>

#include <utility>

namespace drukbox::inline v0 {
SandboxClient::SandboxClient(SandboxConfig config)
    : api_(std::move(config))
{
}

SandboxClient::SandboxClient(std::string base_url, std::string token, std::chrono::milliseconds timeout)
    : api_(std::move(base_url), std::move(token), timeout)
{
}

SandboxClient::SandboxClient(SandboxAPI api) noexcept
    : api_(std::move(api))
{
}

SandboxClient SandboxClient::from_env(std::string_view prefix)
{
    return SandboxClient{SandboxAPI::from_env(prefix)};
}

SandboxClient SandboxClient::with_timeout(std::chrono::milliseconds timeout) const
{
    return SandboxClient{api_.with_timeout(timeout)};
}

SandboxHost SandboxClient::create_host(const CreateHostRequest& request) const
{
    return sdk::run_blocking<SandboxHost>(api_.create_host_operation(request));
}

SandboxHost SandboxClient::get_host(std::string_view host_id) const
{
    return sdk::run_blocking<SandboxHost>(api_.get_host_operation("get_host", host_id));
}

SandboxHost SandboxClient::attach(std::string_view host_id) const
{
    return sdk::run_blocking<SandboxHost>(api_.get_host_operation("attach", host_id));
}

std::vector<SandboxHost> SandboxClient::list_hosts() const
{
    return sdk::run_blocking<std::vector<SandboxHost>>(api_.list_hosts_operation());
}

SandboxHost SandboxClient::renew_host(std::string_view host_id, Lease lease) const
{
    return sdk::run_blocking<SandboxHost>(api_.renew_host_operation(host_id, lease));
}

void SandboxClient::delete_host(std::string_view host_id) const
{
    sdk::run_blocking<void>(api_.delete_host_operation(host_id));
}

HTTPProxy SandboxClient::create_http_proxy(const CreateHTTPProxyRequest& request) const
{
    return sdk::run_blocking<HTTPProxy>(api_.create_http_proxy_operation(request));
}

void SandboxClient::delete_http_proxy(std::string_view name) const
{
    sdk::run_blocking<void>(api_.delete_http_proxy_operation(name));
}

HTTPProxyAttachment SandboxClient::attach_http_proxy(std::string_view name, std::string_view host_id) const
{
    return sdk::run_blocking<HTTPProxyAttachment>(api_.attach_http_proxy_operation(name, host_id));
}

void SandboxClient::detach_http_proxy(std::string_view name, std::string_view host_id) const
{
    sdk::run_blocking<void>(api_.detach_http_proxy_operation(name, host_id));
}

DoctorReport SandboxClient::doctor() const
{
    return sdk::run_blocking<DoctorReport>(api_.doctor_operation());
}

} // namespace drukbox::inline v0
