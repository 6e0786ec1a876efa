#include "service/api/api.hpp"
#include "service/api/documents/embedded.hpp"
#include "service/api/documents/view_document.hpp"
#include "service/api/responses.hpp"

namespace drukbox::service::api {
namespace {

/// Nothing on the page comes from, or goes to, another host.
constexpr const char* content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http::Response file(std::string_view type, std::string_view content)
{
    http::Response response{200, std::string{type}, std::string{content}};
    response.headers.add("Content-Security-Policy", content_security_policy);
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Referrer-Policy", "no-referrer");
    return response;
}

} // namespace

void Api::add_documents()
{
    const auto serve = [this](const std::string& path, std::string_view type, std::string_view content) {
        router_.add("GET", path, Router::Access::open,
                    [type, content](const RoutedRequest&) -> boost::asio::awaitable<http::Response> {
                        co_return file(type, content);
                    });
    };
    serve("/openapi.json", "application/json", embedded::openapi_json());
    serve("/openapi-extensions.json", "application/json", extensions_);
    for (const auto view : wire::host_views) {
        const auto prefix = std::string{wire::prefix(view)};
        if (!prefix.empty()) {
            view_documents_.push_back(view_document(view, extensions_));
            serve(prefix + "/openapi.json", "application/json", view_documents_.back());
        }
    }
    serve("/docs", "text/html; charset=utf-8", embedded::docs_html());
    serve("/docs/docs.js", "text/javascript; charset=utf-8", embedded::docs_js());
    serve("/docs/swagger-ui.css", "text/css; charset=utf-8", embedded::swagger_ui_css());
    serve("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", embedded::swagger_ui_bundle_js());
    serve("/docs/swagger-ui-standalone-preset.js", "text/javascript; charset=utf-8",
          embedded::swagger_ui_standalone_preset_js());
}

} // namespace drukbox::service::api
