#include "service/api/api.hpp"
#include "service/api/delete_request.hpp"
#include "service/api/host_record.hpp"
#include "service/api/host_requests.hpp"
#include "service/api/responses.hpp"
#include "service/hosts/errors.hpp"
#include "wire/host_record.hpp"

namespace drukbox::service::api {
namespace {

std::vector<SandboxHost> to_records(const std::vector<Host>& hosts)
{
    std::vector<SandboxHost> records;
    records.reserve(hosts.size());
    for (const auto& host : hosts) {
        records.push_back(to_record(host));
    }
    return records;
}

} // namespace

void Api::add_host_routes()
{
    add("POST", "/hosts", &Api::create_host);
    add("GET", "/hosts", &Api::list_hosts);
    add("GET", "/hosts/{host_id}", &Api::get_host);
    add("DELETE", "/hosts/{host_id}", &Api::delete_host);
    add("POST", "/hosts/{host_id}/renew", &Api::renew_host);
}

boost::asio::awaitable<http::Response> Api::create_host(RoutedRequest request)
{
    if (const auto wait = creates_.admit(request.token, std::chrono::steady_clock::now())) {
        auto refusal = error_response(429, "too many hosts asked for with this token", "RATE_LIMITED");
        refusal.headers.add("Retry-After", std::to_string(wait->count()));
        co_return refusal;
    }
    const auto body = co_await request.exchange.read_body();
    Findings findings;
    auto command = read_create_host(request.exchange.headers(), body, now_(), findings);
    if (!findings.empty()) {
        co_return findings.response();
    }
    command.caller_gone = [&exchange = request.exchange] { return exchange.client_gone(); };
    try {
        const auto created = co_await hosts_.create(std::move(command));
        co_return json_response(201, wire::serialize(to_record(created.host, created.private_key)));
    } catch (const UnknownProvider& error) {
        co_return error_response(400, error.what());
    } catch (const SizingUnsupported& error) {
        co_return error_response(400, error.what());
    } catch (const ProvisioningFailed& error) {
        co_return error_response(502, error.what(), "PROVISIONING_FAILED");
    } catch (const ProvisioningInterrupted& error) {
        co_return error_response(503, error.what());
    } catch (const StoreError&) {
        co_return error_response(503, ProvisioningInterrupted{}.what());
    }
}

boost::asio::awaitable<http::Response> Api::list_hosts(RoutedRequest)
{
    const auto hosts = co_await hosts_.list();
    co_return json_response(200, wire::serialize(to_records(hosts)));
}

boost::asio::awaitable<http::Response> Api::get_host(RoutedRequest request)
{
    Findings findings;
    const auto id = read_host_id(request.parameters[0], findings);
    if (!findings.empty()) {
        co_return findings.response();
    }
    try {
        const auto host = co_await hosts_.get(id);
        co_return json_response(200, wire::serialize(to_record(host)));
    } catch (const HostNotFound& error) {
        co_return error_response(404, error.what());
    }
}

boost::asio::awaitable<http::Response> Api::renew_host(RoutedRequest request)
{
    const auto body = co_await request.exchange.read_body();
    Findings findings;
    const auto id = read_host_id(request.parameters[0], findings);
    const auto expires_at = read_renewal(request.exchange.headers(), body, now_(), findings);
    if (!findings.empty()) {
        co_return findings.response();
    }
    try {
        const auto host = co_await hosts_.renew(id, expires_at);
        co_return json_response(200, wire::serialize(to_record(host)));
    } catch (const HostNotFound& error) {
        co_return error_response(404, error.what(), "NOT_FOUND");
    } catch (const HostStateConflict& error) {
        co_return error_response(409, error.what(), "HOST_STATE");
    } catch (const RenewalFailed& error) {
        co_return error_response(503, error.what());
    }
}

boost::asio::awaitable<http::Response> Api::delete_host(RoutedRequest request)
{
    Findings findings;
    const auto id = read_host_id(request.parameters[0], findings);
    const bool force = read_force(request.exchange.target(), findings);
    if (!findings.empty()) {
        co_return findings.response();
    }
    try {
        co_await hosts_.remove(id, force);
        co_return http::Response{204};
    } catch (const HostNotFound& error) {
        co_return error_response(404, error.what(), "NOT_FOUND");
    } catch (const HostStateConflict& error) {
        co_return error_response(409, error.what(), "HOST_STATE");
    } catch (const TeardownFailed& error) {
        co_return error_response(503, error.what(), "HOST_TEARDOWN");
    }
}

} // namespace drukbox::service::api
