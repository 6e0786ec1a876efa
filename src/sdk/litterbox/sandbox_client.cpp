#include "sdk/run_blocking.hpp"

#include <drukbox/litterbox/sandbox_client.hpp>

namespace drukbox::inline v0::litterbox {

SandboxClient::SandboxClient(const SandboxConfig& config)
    : api_(config)
{
}

SandboxClient::SandboxClient(std::string base_url, std::string token, Behaviour behaviour)
    : api_(std::move(base_url), std::move(token), behaviour)
{
}

SandboxClient SandboxClient::from_env(std::string_view prefix, Behaviour behaviour)
{
    return SandboxClient{SandboxAPI::from_env(prefix, behaviour)};
}

SandboxClient SandboxClient::with_timeout(std::chrono::milliseconds timeout) const
{
    return SandboxClient{api_.with_timeout(timeout)};
}

SandboxHost SandboxClient::create_host(const CreateHostRequest& request) const
{
    return sdk::run_blocking<SandboxHost>(api_.api_.create_host_operation(request.request_));
}

SandboxHost SandboxClient::get_host(std::string_view host_id) const
{
    return sdk::run_blocking<SandboxHost>(api_.api_.get_host_operation("get_host", host_id));
}

SandboxHost SandboxClient::attach(std::string_view host_id) const
{
    return sdk::run_blocking<SandboxHost>(api_.api_.get_host_operation("attach", host_id));
}

std::vector<SandboxHost> SandboxClient::list_hosts() const
{
    return sdk::run_blocking<std::vector<SandboxHost>>(api_.api_.list_hosts_operation());
}

void SandboxClient::delete_host(std::string_view host_id) const
{
    sdk::run_blocking<void>(api_.api_.delete_host_operation(host_id));
}

} // namespace drukbox::inline v0::litterbox
