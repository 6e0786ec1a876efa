#include "service/front/front_door.hpp"

#include "service/api/responses.hpp"
#include "service/runtime/log.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace drukbox::service::front {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view no_route = "none";

/// Methods are a caller's words: those that no route has share one series.
std::string_view known_method(std::string_view method)
{
    return method == "GET" || method == "HEAD" || method == "POST" || method == "DELETE" ? method : "other";
}

/// One line a request. The route, not the target: a query can hold anything. Successful reads are many, and
/// nothing came of them.
void log_answer(std::string_view method, std::string_view route, unsigned status, Clock::duration took,
                std::string_view request_id)
{
    const bool quiet = (method == "GET" || method == "HEAD") && status < 400;
    log::Event event{status >= 500 ? log::Level::warning
                     : quiet       ? log::Level::debug
                                   : log::Level::info,
                     "request"};
    event.field("method", method)
        .field("route", route)
        .field("status", status)
        .field("ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count())
        .field("request_id", request_id);
}

/// Counts a request until its answer has been made. The count is shared: a connection that is destroyed at
/// the very end outlives the front door.
class InFlight
{
public:
    explicit InFlight(std::shared_ptr<std::size_t> count)
        : count_(std::move(count))
    {
        ++*count_;
    }

    InFlight(InFlight&&) noexcept = default;
    InFlight& operator=(InFlight&&) = delete;

    ~InFlight()
    {
        if (count_) {
            --*count_;
        }
    }

private:
    std::shared_ptr<std::size_t> count_;
};

} // namespace

FrontDoor::FrontDoor(api::Api& api, Metrics& metrics, std::size_t max_in_flight, HostCheck hosts)
    : api_(api)
    , metrics_(metrics)
    , max_in_flight_(max_in_flight)
    , hosts_(std::move(hosts))
{
}

boost::asio::awaitable<http::Response> FrontDoor::handle(http::Exchange& exchange)
{
    const auto begun = Clock::now();
    const auto method = known_method(exchange.method());
    auto request_id = ids_.name(exchange.headers().find(RequestIds::header));
    std::string_view route = no_route;
    http::Response response;
    try {
        response = co_await admit(exchange, route);
    } catch (const http::RequestBodyError& error) {
        response = api::error_response(error.status(), error.what());
    } catch (const std::exception& error) {
        log::error("request.internal_error").field("request_id", request_id).field("error", error.what());
        response = api::error_response(500, "internal server error");
    }
    const auto took = Clock::now() - begun;
    metrics_.request(method, route, response.status, took);
    log_answer(method, route, response.status, took, request_id);
    response.headers.add(std::string{RequestIds::header}, std::move(request_id));
    co_return response;
}

/// Whom the request is for, the limit of requests in flight, then the API: route, token, limit of creates,
/// handler.
boost::asio::awaitable<http::Response> FrontDoor::admit(http::Exchange& exchange, std::string_view& route)
{
    if (!hosts_.allows(exchange.headers().find("Host").value_or(std::string_view{}))) {
        co_return api::error_response(
            421, "this service answers only where Host names this machine, as localhost does");
    }
    // Whoever watches the service's health is told that it is alive, however busy it is.
    const bool limited = max_in_flight_ != 0 && !api::Api::is_health_probe(exchange.target());
    if (limited && *in_flight_ >= max_in_flight_) {
        auto refusal = api::error_response(429, "too many requests in flight", "RATE_LIMITED");
        refusal.headers.add("Retry-After", "1");
        co_return refusal;
    }
    InFlight counted{in_flight_};
    auto response = co_await api_.handle(exchange, route);
    if (response.rest) {
        auto shared = std::make_shared<const InFlight>(std::move(counted));
        auto rest = [shared, next = std::move(response.rest)] { return next(); };
        response.rest = std::move(rest);
    }
    co_return response;
}

} // namespace drukbox::service::front
