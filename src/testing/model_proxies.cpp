#include "testing/host_answer.hpp"
#include "testing/model.hpp"
#include "testing/proxy_origin.hpp"
#include "wire/object_writer.hpp"
#include "wire/requests/parameters.hpp"

#include <utility>

// What the service does with HTTP proxies.
namespace drukbox::inline v0::testing::detail {
namespace {

Answer no_such_proxy()
{
    return Answer::error(404, "http proxy not found", "HTTP_PROXY_NOT_FOUND");
}

} // namespace

Answer Model::create_http_proxy(const RecordedRequest& request)
{
    wire::Findings findings;
    wire::CreateProxy create =
        wire::read_create_proxy({request.header("Content-Type"), request.body}, read_proxy_origin, findings);
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    if (!options_.supports_http_proxies) {
        return http_proxies_unsupported(options_.providers.front());
    }
    const auto [entry, is_new] = proxies_.try_emplace(create.name);
    if (!is_new) {
        return Answer::error(409, "http proxy already exists", "HTTP_PROXY_EXISTS");
    }
    HTTPProxyState& proxy = entry->second;
    proxy.name = std::move(create.name);
    proxy.target = std::move(create.target);
    proxy.headers = std::move(create.headers);
    std::string body;
    wire::ObjectWriter json{body};
    json.string("name", proxy.name);
    json.string("status", "created");
    json.close();
    return Answer::json(201, std::move(body));
}

Answer Model::delete_http_proxy(const Route& route)
{
    wire::Findings findings;
    const std::string name = wire::read_proxy_name(route.parameters[0], findings);
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    if (!options_.supports_http_proxies) {
        return http_proxies_unsupported(options_.providers.front());
    }
    return proxies_.erase(name) == 0 ? no_such_proxy() : Answer::empty(204);
}

Answer Model::link_http_proxy(const Route& route, bool attach)
{
    wire::Findings findings;
    const std::string name = wire::read_proxy_name(route.parameters[0], findings);
    const std::string host_id = wire::read_host_id(route.parameters[1], findings).str();
    if (!findings.empty()) {
        return findings_answer(findings);
    }
    const SandboxHost* const host = hosts_.find(host_id);
    if (host == nullptr) {
        return Answer::error(404, "host not found", "NOT_FOUND");
    }
    if (host->status != "bootstrapping" && host->status != "active") {
        return Answer::error(409, "host does not have a backing VM", "HOST_STATE");
    }
    if (!options_.supports_http_proxies) {
        return http_proxies_unsupported(host->provider);
    }
    const auto proxy = proxies_.find(name);
    if (proxy == proxies_.end()) {
        return no_such_proxy();
    }
    if (!attach) {
        proxy->second.host_ids.erase(host_id);
        return Answer::empty(204);
    }
    proxy->second.host_ids.insert(host_id);
    std::string body;
    wire::ObjectWriter json{body};
    json.string("name", proxy->first);
    json.string("host_id", host_id);
    json.string("status", "attached");
    json.close();
    return Answer::json(200, std::move(body));
}

Answer Model::http_proxies_unsupported(const std::string& provider) const
{
    return Answer::error(501, "VM provider '" + provider + "' does not support HttpProxyCapability",
                         "HTTP_PROXY_UNSUPPORTED");
}

} // namespace drukbox::inline v0::testing::detail
