#include "service/api/api.hpp"

#include "service/api/documents/extensions.hpp"
#include "service/api/responses.hpp"
#include "service/runtime/log.hpp"
#include "service/store/database.hpp"
#include "wire/host_view.hpp"

namespace drukbox::service::api {
namespace {

constexpr std::string_view health_path = "/healthz";

} // namespace

Api::Api(Lifecycle& hosts, HttpProxyService& proxies, Doctor& doctor, Authenticator& authenticator,
         CreateLimiter& creates, std::function<Timestamp()> now)
    : hosts_(hosts)
    , proxies_(proxies)
    , doctor_(doctor)
    , authenticator_(authenticator)
    , creates_(creates)
    , now_(std::move(now))
    , extensions_(extensions_document())
{
    add_service_routes();
    add_host_routes();
    add_proxy_routes();
    add_documents();
}

void Api::add(const std::string& method, std::string_view pattern, Operation operation)
{
    for (const auto view : wire::host_views) {
        if (has_route(view, pattern)) {
            router_.add(method, std::string{prefix(view)} + std::string{pattern}, Router::Access::token,
                        [this, operation, view](RoutedRequest request) {
                            request.view = view;
                            return (this->*operation)(std::move(request));
                        });
        }
    }
}

void Api::add(std::string method, std::string_view pattern, Router::Access access, Router::Handler handler)
{
    router_.add(std::move(method), pattern, access, std::move(handler));
}

boost::asio::awaitable<http::Response> Api::handle(http::Exchange& exchange, std::string_view& route)
{
    const auto match = router_.match(exchange.method(), exchange.target());
    if (!match.pattern.empty()) {
        route = match.pattern;
    }
    if (match.allowed.empty()) {
        co_return answer_unknown(exchange, route);
    }
    if (match.handler == nullptr) {
        auto response = error_response(405, "Method Not Allowed");
        response.headers.add("Allow", match.allowed);
        co_return response;
    }
    RoutedRequest request{exchange, match.parameters};
    // Before the body is looked at: who has no token learns nothing and costs nothing.
    if (match.access == Router::Access::token) {
        auto authenticated = authenticator_.authenticate(exchange.headers());
        if (auto* refusal = std::get_if<http::Response>(&authenticated)) {
            co_return std::move(*refusal);
        }
        request.token = std::get<Authenticator::TokenId>(authenticated);
        exchange.client_is_known();
    }
    try {
        co_return co_await (*match.handler)(std::move(request));
    } catch (const StoreError& error) {
        log::error("request.store_failed").field("error", error.what());
        co_return error_response(503, "the database is not available");
    }
}

/// A path that only a slash at its end keeps from its route leads there. The location is a path: which scheme
/// and name the client came by, behind a proxy, it knows best, and its token must not go elsewhere.
http::Response Api::answer_unknown(const http::Exchange& exchange, std::string_view& route) const
{
    const auto target = exchange.target();
    const auto path = target.substr(0, target.find_first_of("?#"));
    const auto bare = path.substr(0, path.find_last_not_of('/') + 1);
    if (bare.size() != path.size() && !bare.empty()) {
        const auto match = router_.match(exchange.method(), bare);
        if (!match.pattern.empty()) {
            route = match.pattern;
            http::Response response{307};
            response.headers.add("Location", std::string{bare} + std::string{target.substr(path.size())});
            return response;
        }
    }
    return error_response(404, "Not Found");
}

bool Api::is_health_probe(std::string_view target) noexcept
{
    return wire::take_prefix(target).target == health_path;
}

void Api::add_service_routes()
{
    for (const auto view : wire::host_views) {
        router_.add("GET", std::string{wire::prefix(view)} + std::string{health_path}, Router::Access::open,
                    [](const RoutedRequest&) -> boost::asio::awaitable<http::Response> {
                        co_return json_response(200, R"({"status":"ok"})");
                    });
    }
    add("GET", "/doctor", &Api::diagnose);
}

boost::asio::awaitable<http::Response> Api::diagnose(RoutedRequest)
{
    const auto report = co_await doctor_.examine();
    co_return json_response(200, serialize(report));
}

} // namespace drukbox::service::api
