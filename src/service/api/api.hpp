#pragma once

#include "http/message.hpp"
#include "http/server/server.hpp"
#include "service/api/authenticator.hpp"
#include "service/api/create_limiter.hpp"
#include "service/api/router.hpp"
#include "service/doctor/doctor.hpp"
#include "service/hosts/lifecycle.hpp"
#include "service/proxies/http_proxy_service.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <list>
#include <string>
#include <string_view>

namespace drukbox::service::api {

/// The Drukbox host API: requests in, answers out.
class Api
{
public:
    Api(Lifecycle& hosts, HttpProxyService& proxies, Doctor& doctor, Authenticator& authenticator,
        CreateLimiter& creates, std::function<Timestamp()> now);

    /// Adds a route that is not the API's own.
    void add(std::string method, std::string_view pattern, Router::Access access, Router::Handler handler);

    /// Answers one request, and says in `route` on which pattern it came in, where it fits one. Never throws
    /// what a caller has caused.
    boost::asio::awaitable<http::Response> handle(http::Exchange& exchange, std::string_view& route);

    /// Whether a request asks only if the service is alive.
    [[nodiscard]] static bool is_health_probe(std::string_view target) noexcept;

private:
    using Operation = boost::asio::awaitable<http::Response> (Api::*)(RoutedRequest);

    /// A route for who has a token, in each view that has it.
    void add(const std::string& method, std::string_view pattern, Operation operation);

    [[nodiscard]] http::Response answer_unknown(const http::Exchange& exchange,
                                                std::string_view& route) const;
    void add_host_routes();
    void add_proxy_routes();
    void add_service_routes();
    void add_documents();

    boost::asio::awaitable<http::Response> create_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> list_hosts(RoutedRequest request);
    boost::asio::awaitable<http::Response> list_page(RoutedRequest request, HostPage page);
    boost::asio::awaitable<http::Response> get_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> renew_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> delete_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> create_proxy(RoutedRequest request);
    boost::asio::awaitable<http::Response> delete_proxy(RoutedRequest request);
    boost::asio::awaitable<http::Response> attach_proxy(RoutedRequest request);
    boost::asio::awaitable<http::Response> detach_proxy(RoutedRequest request);
    boost::asio::awaitable<http::Response> diagnose(RoutedRequest request);

    Lifecycle& hosts_;
    HttpProxyService& proxies_;
    Doctor& doctor_;
    Authenticator& authenticator_;
    CreateLimiter& creates_;
    std::function<Timestamp()> now_;
    const std::string extensions_;          ///< `/openapi-extensions.json`
    std::list<std::string> view_documents_; ///< `/openapi.json` below a prefix.
    Router router_;
};

} // namespace drukbox::service::api
