#include "service/api/api.hpp"
#include "service/api/host_listing.hpp"
#include "service/api/host_requests.hpp"
#include "service/api/responses.hpp"
#include "service/api/unprocessable.hpp"
#include "service/hosts/errors.hpp"
#include "wire/requests/parameters.hpp"

#include <memory>

namespace drukbox::service::api {
namespace {

http::Response key_reused(const IdempotencyKeyReused& error)
{
    wire::Findings findings;
    findings.add_rule({"header", "Idempotency-Key"}, error.what());
    return unprocessable(findings, "IDEMPOTENCY_KEY_REUSED");
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
    wire::Findings findings;
    auto command = read_create_host(request.exchange.headers(), body, request.view, now_(), findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    command.caller_gone = [&exchange = request.exchange] { return exchange.client_gone(); };
    try {
        const auto created = co_await hosts_.create(std::move(command));
        co_return json_response(201, serialize(request.view, created.host, created.private_key));
    } catch (const UnknownProvider& error) {
        co_return error_response(400, error.what());
    } catch (const IdempotencyKeyReused& error) {
        co_return key_reused(error);
    } catch (const SizingUnsupported& error) {
        co_return error_response(400, error.what());
    } catch (const EnvUnsupported& error) {
        co_return error_response(400, error.what());
    } catch (const SecretsProxyNotConfigured& error) {
        co_return error_response(409, error.what(), "SECRETS_PROXY_NOT_CONFIGURED");
    } catch (const TemplateNotAvailable& error) {
        co_return error_response(409, error.what(), "TEMPLATE_NOT_AVAILABLE");
    } catch (const ProvisioningFailed& error) {
        co_return error_response(502, error.what(), "PROVISIONING_FAILED");
    } catch (const ProvisioningInterrupted& error) {
        co_return error_response(503, error.what());
    } catch (const StoreError&) {
        co_return error_response(503, ProvisioningInterrupted{}.what());
    }
}

boost::asio::awaitable<http::Response> Api::list_hosts(RoutedRequest request)
{
    wire::Findings findings;
    const auto asked = wire::read_list_request(request.exchange.target(), findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    if (!asked.all) {
        co_return co_await list_page(std::move(request), to_page(asked));
    }
    const auto listing = std::make_shared<HostListing>(hosts_, request.view, to_page(asked));
    auto body = co_await listing->next();
    auto response = json_response(200, std::move(body));
    if (!listing->ended()) {
        response.rest = [listing] { return listing->next(); };
    }
    co_return response;
}

boost::asio::awaitable<http::Response> Api::list_page(RoutedRequest request, HostPage page)
{
    // One more than the page takes tells whether there is a next one.
    auto with_next = page;
    ++with_next.limit;
    auto hosts = co_await hosts_.list(std::move(with_next));
    const bool more = hosts.size() > page.limit;
    if (more) {
        hosts.pop_back();
    }
    std::string body = "[";
    append_records(body, request.view, hosts);
    auto response = json_response(200, std::move(body += ']'));
    if (more) {
        response.headers.add("Link", next_link(request.view, page, hosts.back()));
    }
    co_return response;
}

boost::asio::awaitable<http::Response> Api::get_host(RoutedRequest request)
{
    wire::Findings findings;
    const auto id = wire::read_host_id(request.parameters[0], findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    try {
        const auto host = co_await hosts_.get(id);
        co_return json_response(200, serialize(request.view, host));
    } catch (const HostNotFound& error) {
        co_return error_response(404, error.what());
    }
}

boost::asio::awaitable<http::Response> Api::renew_host(RoutedRequest request)
{
    const auto body = co_await request.exchange.read_body();
    wire::Findings findings;
    const auto id = wire::read_host_id(request.parameters[0], findings);
    const auto expires_at = read_renewal(request.exchange.headers(), body, now_(), findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    try {
        const auto host = co_await hosts_.renew(id, expires_at);
        co_return json_response(200, serialize(request.view, host));
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
    wire::Findings findings;
    const auto id = wire::read_host_id(request.parameters[0], findings);
    const bool force = wire::read_force(request.exchange.target(), findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
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
