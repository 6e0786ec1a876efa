#include "service/api/api.hpp"
#include "service/api/proxy_requests.hpp"
#include "service/api/responses.hpp"
#include "service/api/unprocessable.hpp"
#include "service/hosts/errors.hpp"
#include "service/proxies/errors.hpp"
#include "wire/object_writer.hpp"
#include "wire/requests/parameters.hpp"

namespace drukbox::service::api {
namespace {

/// Runs an operation on proxies and gives `success`, or the answer to what it throws.
boost::asio::awaitable<http::Response> answer(boost::asio::awaitable<void> operation, http::Response success)
{
    try {
        co_await std::move(operation);
        co_return success;
    } catch (const UnknownProvider& error) {
        co_return error_response(400, error.what());
    } catch (const HostNotFound& error) {
        co_return error_response(404, error.what(), "NOT_FOUND");
    } catch (const HostStateConflict& error) {
        co_return error_response(409, error.what(), "HOST_STATE");
    } catch (const HttpProxiesUnsupported& error) {
        co_return error_response(501, error.what(), "HTTP_PROXY_UNSUPPORTED");
    } catch (const HttpProxyExists&) {
        co_return error_response(409, "http proxy already exists", "HTTP_PROXY_EXISTS");
    } catch (const HttpProxyNotFound&) {
        co_return error_response(404, "http proxy not found", "HTTP_PROXY_NOT_FOUND");
    } catch (const HttpProxyFailed& error) {
        co_return error_response(503, error.what(), "HTTP_PROXY");
    }
}

http::Response created(std::string_view name)
{
    std::string body;
    wire::ObjectWriter json{body};
    json.string("name", name);
    json.string("status", "created");
    json.close();
    return json_response(201, std::move(body));
}

http::Response attached(std::string_view name, const HostId& host_id)
{
    std::string body;
    wire::ObjectWriter json{body};
    json.string("name", name);
    json.string("host_id", host_id.str());
    json.string("status", "attached");
    json.close();
    return json_response(200, std::move(body));
}

} // namespace

void Api::add_proxy_routes()
{
    add("POST", "/http-proxies", &Api::create_proxy);
    add("DELETE", "/http-proxies/{name}", &Api::delete_proxy);
    add("POST", "/http-proxies/{name}/hosts/{host_id}", &Api::attach_proxy);
    add("DELETE", "/http-proxies/{name}/hosts/{host_id}", &Api::detach_proxy);
}

boost::asio::awaitable<http::Response> Api::create_proxy(RoutedRequest request)
{
    const auto body = co_await request.exchange.read_body();
    wire::Findings findings;
    auto spec = read_create_proxy(request.exchange.headers(), body, findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    auto success = created(spec.name);
    co_return co_await answer(proxies_.create(std::move(spec)), std::move(success));
}

boost::asio::awaitable<http::Response> Api::delete_proxy(RoutedRequest request)
{
    wire::Findings findings;
    auto name = wire::read_proxy_name(request.parameters[0], findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    co_return co_await answer(proxies_.remove(std::move(name)), http::Response{204});
}

boost::asio::awaitable<http::Response> Api::attach_proxy(RoutedRequest request)
{
    wire::Findings findings;
    auto name = wire::read_proxy_name(request.parameters[0], findings);
    const auto host_id = wire::read_host_id(request.parameters[1], findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    auto success = attached(name, host_id);
    co_return co_await answer(proxies_.attach(std::move(name), host_id), std::move(success));
}

boost::asio::awaitable<http::Response> Api::detach_proxy(RoutedRequest request)
{
    wire::Findings findings;
    auto name = wire::read_proxy_name(request.parameters[0], findings);
    const auto host_id = wire::read_host_id(request.parameters[1], findings);
    if (!findings.empty()) {
        co_return unprocessable(findings);
    }
    co_return co_await answer(proxies_.detach(std::move(name), host_id), http::Response{204});
}

} // namespace drukbox::service::api
