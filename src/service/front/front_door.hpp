#pragma once

#include "http/server/server.hpp"
#include "service/api/api.hpp"
#include "service/front/host_check.hpp"
#include "service/front/request_id.hpp"
#include "service/metrics/metrics.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace drukbox::service::front {

/// What every request passes on its way to the API and every answer on its way back: a name, the check of
/// whom it is for, the limit of requests in flight, a log line, the metrics.
class FrontDoor
{
public:
    /// `max_in_flight` zero: no limit.
    FrontDoor(api::Api& api, Metrics& metrics, std::size_t max_in_flight, HostCheck hosts = {});

    boost::asio::awaitable<http::Response> handle(http::Exchange& exchange);

    /// Requests whose answer is being made, be it the last piece of a long one.
    [[nodiscard]] std::size_t in_flight() const noexcept { return *in_flight_; }

private:
    boost::asio::awaitable<http::Response> admit(http::Exchange& exchange, std::string_view& route);

    api::Api& api_;
    Metrics& metrics_;
    RequestIds ids_;
    const std::size_t max_in_flight_;
    const HostCheck hosts_;
    const std::shared_ptr<std::size_t> in_flight_ = std::make_shared<std::size_t>(0);
};

} // namespace drukbox::service::front
