#pragma once

#include "http/message.hpp"
#include "http/server/server.hpp"
#include "service/api/authenticator.hpp"
#include "service/api/router.hpp"
#include "service/doctor/doctor.hpp"
#include "service/hosts/host_service.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace drukbox::service::api {

/// The Drukbox host API: requests in, answers out.
class Api
{
public:
    Api(HostService& hosts, Doctor& doctor, Authenticator authenticator, std::function<Timestamp()> now);

    /// Answers one request. Never throws what a caller has caused.
    boost::asio::awaitable<http::Response> handle(http::Exchange& exchange);

private:
    void add_host_routes();
    void add_service_routes();

    boost::asio::awaitable<http::Response> create_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> list_hosts(RoutedRequest request);
    boost::asio::awaitable<http::Response> get_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> renew_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> delete_host(RoutedRequest request);
    boost::asio::awaitable<http::Response> diagnose(RoutedRequest request);

    HostService& hosts_;
    Doctor& doctor_;
    Authenticator authenticator_;
    std::function<Timestamp()> now_;
    Router router_;
};

} // namespace drukbox::service::api
