#include "sdk/config_check.hpp"
#include "sdk/operation.hpp"
#include "sdk/request.hpp"

#include <drukbox/sandbox_api.hpp>

namespace drukbox::inline v0 {
namespace {

SandboxConfig config_of(std::string base_url, std::string token, std::chrono::milliseconds timeout)
{
    SandboxConfig config{std::move(base_url), std::move(token)};
    config.timeout = timeout;
    return config;
}

enum class Repeatable
{
    yes,
    no
};

// An operation that sends what `build` makes. What cannot be sent fails when the operation is started, like
// every other error.
template <class Build>
detail::Operation operation_of(const std::shared_ptr<detail::Core>& core, std::string_view name,
                               std::chrono::milliseconds timeout, Repeatable repeatable, const Build& build)
{
    auto state = std::make_shared<detail::Operation::State>();
    state->core = core;
    state->log = core->log;
    state->dialect = core->dialect;
    state->name = name;
    state->repeatable = repeatable == Repeatable::yes;
    try {
        state->request = build(core->config);
        state->request.timeout = timeout;
    } catch (const SandboxUsageError&) {
        state->refusal = std::current_exception();
    }
    return detail::Operation{std::move(state)};
}

} // namespace

SandboxAPI::SandboxAPI(SandboxConfig config)
    : core_(std::make_shared<detail::Core>(sdk::checked(std::move(config))))
    , timeout_(core_->config.timeout)
{
}

SandboxAPI::SandboxAPI(std::shared_ptr<detail::Core> core) noexcept
    : core_(std::move(core))
    , timeout_(core_->config.timeout)
{
}

SandboxAPI::SandboxAPI(std::string base_url, std::string token, std::chrono::milliseconds timeout)
    : SandboxAPI(config_of(std::move(base_url), std::move(token), timeout))
{
}

SandboxAPI SandboxAPI::from_env(std::string_view prefix)
{
    return SandboxAPI{SandboxConfig::from_env(prefix)};
}

SandboxAPI::SandboxAPI(const SandboxAPI&) noexcept = default;
SandboxAPI::SandboxAPI(SandboxAPI&&) noexcept = default;
SandboxAPI& SandboxAPI::operator=(const SandboxAPI&) noexcept = default;
SandboxAPI& SandboxAPI::operator=(SandboxAPI&&) noexcept = default;
SandboxAPI::~SandboxAPI() = default;

SandboxAPI SandboxAPI::with_timeout(std::chrono::milliseconds timeout) const
{
    sdk::check_timeout(timeout);
    SandboxAPI view{*this};
    view.timeout_ = timeout;
    return view;
}

const std::string& SandboxAPI::base_url() const noexcept
{
    return core_->config.base_url;
}

void SandboxAPI::close() noexcept
{
    core_->client.close();
}

detail::Operation SandboxAPI::create_host_operation(const CreateHostRequest& request) const
{
    // Without a key, every create makes a host.
    const auto repeatable = request.idempotency_key() ? Repeatable::yes : Repeatable::no;
    return operation_of(core_, "create_host", timeout_, repeatable, [&](const SandboxConfig& config) {
        return sdk::create_host_request(config, request);
    });
}

detail::Operation SandboxAPI::get_host_operation(std::string_view name, std::string_view host_id) const
{
    return operation_of(core_, name, timeout_, Repeatable::yes, [&](const SandboxConfig& config) {
        return sdk::get_host_request(config, name, host_id);
    });
}

detail::Operation SandboxAPI::list_hosts_operation() const
{
    return operation_of(core_, "list_hosts", timeout_, Repeatable::yes, sdk::list_hosts_request);
}

detail::Operation SandboxAPI::renew_host_operation(std::string_view host_id, Lease lease) const
{
    return operation_of(core_, "renew_host", timeout_, Repeatable::yes, [&](const SandboxConfig& config) {
        return sdk::renew_host_request(config, host_id, lease);
    });
}

detail::Operation SandboxAPI::delete_host_operation(std::string_view host_id) const
{
    return operation_of(core_, "delete_host", timeout_, Repeatable::yes, [&](const SandboxConfig& config) {
        return sdk::delete_host_request(config, host_id);
    });
}

detail::Operation SandboxAPI::create_http_proxy_operation(const CreateHTTPProxyRequest& request) const
{
    return operation_of(
        core_, "create_http_proxy", timeout_, Repeatable::yes,
        [&](const SandboxConfig& config) { return sdk::create_http_proxy_request(config, request); });
}

detail::Operation SandboxAPI::delete_http_proxy_operation(std::string_view name) const
{
    return operation_of(
        core_, "delete_http_proxy", timeout_, Repeatable::yes,
        [&](const SandboxConfig& config) { return sdk::delete_http_proxy_request(config, name); });
}

detail::Operation SandboxAPI::attach_http_proxy_operation(std::string_view name,
                                                          std::string_view host_id) const
{
    return operation_of(
        core_, "attach_http_proxy", timeout_, Repeatable::yes,
        [&](const SandboxConfig& config) { return sdk::attach_http_proxy_request(config, name, host_id); });
}

detail::Operation SandboxAPI::detach_http_proxy_operation(std::string_view name,
                                                          std::string_view host_id) const
{
    return operation_of(
        core_, "detach_http_proxy", timeout_, Repeatable::yes,
        [&](const SandboxConfig& config) { return sdk::detach_http_proxy_request(config, name, host_id); });
}

detail::Operation SandboxAPI::doctor_operation() const
{
    return operation_of(core_, "doctor", timeout_, Repeatable::yes, sdk::doctor_request);
}

} // namespace drukbox::inline v0
