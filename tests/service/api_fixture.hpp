#pragma once

#include "fake_exchange.hpp"
#include "lifecycle_fixture.hpp"
#include "service/api/api.hpp"
#include "service/doctor/doctor.hpp"

#include <boost/json.hpp>

namespace drukbox::service {

/// The routes over a lifecycle, without connections.
class ApiTest : public LifecycleTest
{
protected:
    ApiTest()
        : proxies(service->hosts, service->providers, "scripted")
        , doctor(service->io.get_executor(), service->store, service->providers, "scripted")
        , api(service->hosts, proxies, doctor, authenticator, creates, [this] { return service->now; })
    {
    }

    http::Response send(FakeExchange&& exchange) { return answer(exchange); }

    http::Response answer(FakeExchange& exchange)
    {
        std::string_view route;
        return service->run(api.handle(exchange, route));
    }

    http::Response post(std::string target, std::string body)
    {
        FakeExchange exchange{"POST", std::move(target), std::move(body)};
        exchange.add_header("Content-Type", "application/json");
        return send(std::move(exchange));
    }

    std::string create_one()
    {
        return std::string{boost::json::parse(post("/hosts", "").body).at("id").as_string()};
    }

    /// The only finding of a 422, as JSON text.
    static std::string finding(const http::Response& response)
    {
        EXPECT_EQ(response.status, 422U);
        const auto detail = boost::json::parse(response.body).at("detail").as_array();
        EXPECT_EQ(detail.size(), 1U) << response.body;
        return boost::json::serialize(detail.at(0));
    }

    HttpProxyService proxies;
    Doctor doctor;
    api::Authenticator authenticator{{Redacted{"token-one"}, Redacted{"token-two"}}};
    api::CreateLimiter creates{0};
    api::Api api;
};

} // namespace drukbox::service
