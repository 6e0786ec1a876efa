#include "testing/model.hpp"

#include "testing/doctor_answer.hpp"
#include "testing/host_answer.hpp"
#include "testing/token_check.hpp"
#include "wire/requests/parameters.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace drukbox::inline v0::testing::detail {
namespace {

DoctorReport good_report(const std::string& provider)
{
    DoctorReport report;
    report.ok = true;
    report.active_provider = provider;
    for (const auto& [name, detail] : {std::pair{"db", "select 1 -> 1"}, std::pair{"provider", "fake"}}) {
        DoctorCheck check;
        check.name = name;
        check.status = "ok";
        check.detail = detail;
        check.latency_ms = 1;
        report.checks.push_back(std::move(check));
    }
    return report;
}

FakeServiceOptions checked(FakeServiceOptions options)
{
    if (options.providers.empty()) {
        throw std::invalid_argument("a fake service needs a provider");
    }
    return options;
}

Answer unknown_provider(const std::string& name, std::vector<std::string> available)
{
    std::ranges::sort(available);
    std::string list;
    for (const std::string& provider : available) {
        list += (list.empty() ? "" : ", ") + provider;
    }
    return Answer::error(400, "unknown provider '" + name + "'; available: " + list);
}

Answer key_reused()
{
    wire::Findings findings;
    findings.add_rule({"header", "Idempotency-Key"}, wire::key_reused);
    return findings_answer(findings, "IDEMPOTENCY_KEY_REUSED");
}

wire::KeyUse key_use(const wire::CreateHost& command, const SandboxHost& draft)
{
    wire::AskedHost host;
    host.provider = command.provider;
    host.image = command.image;
    host.instance_type = command.instance_type;
    host.disk_gb = command.disk_gb;
    if (command.template_id) {
        host.template_id = command.template_id->str();
    }
    for (const auto& [name, value] : command.env) {
        host.variables.insert(name);
    }
    host.secrets = command.secrets;
    auto asked = host.text();
    host.provider = command.provider.value_or(draft.provider);
    if (host.image) {
        host.template_id.reset();
    } else if (!host.template_id) {
        host.image = draft.image;
    }
    return {std::move(asked), host.text()};
}

Answer unsupported_sizing(const std::string& provider, std::string_view what)
{
    return Answer::error(400,
                         "provider '" + provider + "' does not support a per-request " + std::string{what});
}

} // namespace

Model::Model(FakeServiceOptions options)
    : options_(checked(std::move(options)))
    , token_(options_.token)
    , hosts_(options_)
    , doctor_(good_report(options_.providers.front()))
{
}

Answer Model::answer(const RecordedRequest& request)
{
    const Route route = find_route(request.method, request.target);
    if (route.allowed.empty()) {
        return Answer::error(404, "Not Found");
    }
    if (route.health) {
        return Answer::json(200, R"({"status":"ok"})");
    }
    if (!route.operation) {
        return Answer::error(405, "Method Not Allowed").header("Allow", route.allowed);
    }
    const std::lock_guard lock{mutex_};
    if (auto refused = refusal(request, token_)) {
        return *std::move(refused);
    }
    return dispatch(route, request);
}

Answer Model::dispatch(const Route& route, const RecordedRequest& request)
{
    switch (*route.operation) {
    case Operation::create_host:
        return create_host(route.view, request);
    case Operation::list_hosts:
        return list_hosts(route, request);
    case Operation::get_host:
        return get_host(route);
    case Operation::renew_host:
        return renew_host(route, request);
    case Operation::delete_host:
        return delete_host(route, request);
    case Operation::create_http_proxy:
        return create_http_proxy(request);
    case Operation::delete_http_proxy:
        return delete_http_proxy(route);
    case Operation::attach_http_proxy:
        return link_http_proxy(route, true);
    case Operation::detach_http_proxy:
        return link_http_proxy(route, false);
    case Operation::doctor:
        return doctor_answer(doctor_);
    }
    return Answer::error(500, "no such operation");
}

Answer Model::create_host(wire::HostView view, const RecordedRequest& request)
{
    wire::Findings findings;
    const auto key = request.has_header("Idempotency-Key") ? std::optional{request.header("Idempotency-Key")}
                                                           : std::nullopt;
    const wire::CreateHost command = wire::read_create_host(
        key, {request.header("Content-Type"), request.body}, view, hosts_.now(), findings);
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    const std::string provider = command.provider.value_or(options_.providers.front());
    if (std::ranges::find(options_.providers, provider) == options_.providers.end()) {
        return unknown_provider(provider, options_.providers);
    }
    if (command.idempotency_key) {
        if (const SandboxHost* const host = hosts_.find_by_key(*command.idempotency_key)) {
            const bool allowed = hosts_.allows(*command.idempotency_key, key_use(command, hosts_.draft()));
            return allowed ? host_answer(201, view, *host) : key_reused();
        }
    }
    if (command.instance_type && !options_.supports_sizing) {
        return unsupported_sizing(provider, "instance_type");
    }
    if (command.disk_gb && !options_.supports_sizing) {
        return unsupported_sizing(provider, "disk_gb");
    }
    if (!command.secrets.empty()) {
        return Answer::error(409, "no secrets proxy is configured for provider '" + provider + "'",
                             "SECRETS_PROXY_NOT_CONFIGURED");
    }
    if (command.template_id && !command.image) {
        return Answer::error(409,
                             "template '" + command.template_id->str() +
                                 "' is not available: this service has no templates",
                             "TEMPLATE_NOT_AVAILABLE");
    }
    return make_host(view, command);
}

Answer Model::make_host(wire::HostView view, const wire::CreateHost& command)
{
    SandboxHost draft = hosts_.draft();
    const wire::KeyUse use = key_use(command, draft);
    draft.provider = command.provider.value_or(draft.provider);
    draft.image = command.image.value_or(draft.image);
    draft.instance_type = command.instance_type;
    draft.disk_gb = command.disk_gb;
    if (!create_failures_.empty()) {
        std::string last_error = std::move(create_failures_.front());
        create_failures_.pop_front();
        hosts_.enter_failed(std::move(draft), last_error);
        return Answer::error(502, last_error, "PROVISIONING_FAILED");
    }
    const SandboxHost& host = hosts_.activate(std::move(draft), command.lease);
    if (command.idempotency_key) {
        hosts_.bind_key(*command.idempotency_key, host.id, use);
    }
    return host_answer(201, view, host);
}

Answer Model::list_hosts(const Route& route, const RecordedRequest& request)
{
    wire::Findings findings;
    const wire::ListRequest asked = wire::read_list_request(request.target, findings);
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    std::vector<SandboxHost> hosts = hosts_.list();
    std::erase_if(hosts, [&](const SandboxHost& host) {
        return (asked.status && host.status != asked.status) ||
               (asked.provider && host.provider != asked.provider) ||
               (asked.after && position_of(host) >= *asked.after);
    });
    if (asked.all || hosts.size() <= asked.limit) {
        return hosts_answer(route.view, hosts);
    }
    hosts.resize(asked.limit);
    return hosts_answer(route.view, hosts)
        .header("Link", wire::next_link(prefix(route.view), asked, position_of(hosts.back())));
}

Answer Model::get_host(const Route& route)
{
    wire::Findings findings;
    const std::string id = wire::read_host_id(route.parameters[0], findings).str();
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    const SandboxHost* const host = hosts_.find(id);
    return host == nullptr ? Answer::error(404, "host not found")
                           : host_answer(200, route.view, without_private_key(*host));
}

Answer Model::renew_host(const Route& route, const RecordedRequest& request)
{
    wire::Findings findings;
    const std::string id = wire::read_host_id(route.parameters[0], findings).str();
    const Lease lease =
        wire::read_renewal({request.header("Content-Type"), request.body}, hosts_.now(), findings);
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    SandboxHost* const host = hosts_.find(id);
    if (host == nullptr) {
        return Answer::error(404, "host not found", "NOT_FOUND");
    }
    if (host->status != "bootstrapping" && host->status != "active") {
        return Answer::error(409, "cannot renew a host in status " + host->status, "HOST_STATE");
    }
    hosts_.renew(*host, lease);
    return host_answer(200, route.view, without_private_key(*host));
}

Answer Model::delete_host(const Route& route, const RecordedRequest& request)
{
    wire::Findings findings;
    const std::string id = wire::read_host_id(route.parameters[0], findings).str();
    const bool force = wire::read_force(request.target, findings);
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    const SandboxHost* const host = hosts_.find(id);
    if (host == nullptr) {
        return Answer::error(404, "host not found", "NOT_FOUND");
    }
    if (!force && (host->status == "provisioning" || host->status == "creating_network" ||
                   host->status == "creating_vm")) {
        return Answer::error(409, "host is still provisioning", "HOST_STATE");
    }
    if (delete_failures_ > 0) {
        --delete_failures_;
        return Answer::error(503, "host teardown could not be completed", "HOST_TEARDOWN");
    }
    hosts_.erase(id);
    return Answer::empty(204);
}

std::vector<HTTPProxyState> Model::http_proxies() const
{
    const std::lock_guard lock{mutex_};
    std::vector<HTTPProxyState> proxies;
    for (const auto& [name, proxy] : proxies_) {
        proxies.push_back(proxy);
    }
    return proxies;
}

void Model::set_doctor_report(DoctorReport report)
{
    const std::lock_guard lock{mutex_};
    doctor_ = std::move(report);
}

void Model::set_token(std::string token)
{
    const std::lock_guard lock{mutex_};
    token_ = std::move(token);
}

void Model::fail_next_create(std::string last_error)
{
    const std::lock_guard lock{mutex_};
    create_failures_.push_back(std::move(last_error));
}

void Model::fail_next_delete()
{
    const std::lock_guard lock{mutex_};
    ++delete_failures_;
}

} // namespace drukbox::inline v0::testing::detail
