#pragma once

#include "http/server/server.hpp"

#include <string>
#include <utility>

namespace drukbox::service {

/// A request without a connection.
class FakeExchange : public http::Exchange
{
public:
    FakeExchange(std::string method, std::string target, std::string body = {})
        : method_(std::move(method))
        , target_(std::move(target))
        , body_(std::move(body))
    {
        headers_.add("Authorization", "Bearer token-one");
    }

    /// With other headers than the usual token.
    FakeExchange(std::string method, std::string target, http::Headers headers, std::string body)
        : method_(std::move(method))
        , target_(std::move(target))
        , headers_(std::move(headers))
        , body_(std::move(body))
    {
    }

    void add_header(std::string name, std::string value) { headers_.add(std::move(name), std::move(value)); }

    std::string_view method() const noexcept override { return method_; }

    std::string_view target() const noexcept override { return target_; }

    const http::Headers& headers() const noexcept override { return headers_; }

    boost::asio::awaitable<std::string> read_body() override
    {
        body_read = true;
        co_return body_;
    }

    bool client_gone() const noexcept override { return false; }

    void client_is_known() noexcept override { known = true; }

    bool body_read = false;
    bool known = false;

private:
    std::string method_;
    std::string target_;
    http::Headers headers_;
    std::string body_;
};

} // namespace drukbox::service
