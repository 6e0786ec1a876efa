#include "service/api/api.hpp"

#include "service/api/responses.hpp"
#include "service/runtime/log.hpp"
#include "service/store/database.hpp"

namespace drukbox::service::api {

Api::Api(HostService& hosts, Doctor& doctor, Authenticator authenticator, std::function<Timestamp()> now)
    : hosts_(hosts)
    , doctor_(doctor)
    , authenticator_(std::move(authenticator))
    , now_(std::move(now))
{
    add_service_routes();
    add_host_routes();
}

boost::asio::awaitable<http::Response> Api::handle(http::Exchange& exchange)
{
    const auto match = router_.match(exchange.method(), exchange.target());
    if (match.allowed.empty()) {
        co_return error_response(404, "Not Found");
    }
    if (match.handler == nullptr) {
        auto response = error_response(405, "Method Not Allowed");
        response.headers.add("Allow", match.allowed);
        co_return response;
    }
    // Before the body is looked at: who has no token learns nothing and costs nothing.
    if (match.access == Router::Access::token) {
        if (auto refusal = authenticator_.refuse(exchange.headers())) {
            co_return std::move(*refusal);
        }
    }
    RoutedRequest request{exchange, match.parameters};
    try {
        co_return co_await (*match.handler)(std::move(request));
    } catch (const StoreError& error) {
        log::error("request.store_failed").field("error", error.what());
        co_return error_response(503, "the database is not available");
    }
}

void Api::add_service_routes()
{
    router_.add("GET", "/healthz", Router::Access::open,
                [](const RoutedRequest&) -> boost::asio::awaitable<http::Response> {
                    co_return json_response(200, R"({"status":"ok"})");
                });
    router_.add("GET", "/doctor", Router::Access::token,
                [this](RoutedRequest request) { return diagnose(std::move(request)); });
}

boost::asio::awaitable<http::Response> Api::diagnose(RoutedRequest)
{
    const auto report = co_await doctor_.examine();
    co_return json_response(200, serialize(report));
}

} // namespace drukbox::service::api
