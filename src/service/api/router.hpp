#pragma once

#include "http/message.hpp"
#include "http/server/server.hpp"
#include "service/api/authenticator.hpp"
#include "service/api/view.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::api {

/// A request on its route.
class RoutedRequest
{
public:
    RoutedRequest(http::Exchange& on, std::vector<std::string> values)
        : exchange(on)
        , parameters(std::move(values))
    {
    }

    http::Exchange& exchange;
    std::vector<std::string> parameters; ///< The decoded values of the path's parameters, in order.
    Authenticator::TokenId token{};      ///< Of a route that asks for one.
    View view = View::plain;             ///< In whose records to answer.
};

/// Finds the handler of a request by method and path.
class Router
{
public:
    using Handler = std::function<boost::asio::awaitable<http::Response>(RoutedRequest)>;
    enum class Access
    {
        token,
        open
    };

    /// `pattern` is a path whose segments are literal or `{name}`.
    void add(std::string method, std::string_view pattern, Access access, Handler handler);

    class Match
    {
    public:
        Match() = default;

        const Handler* handler = nullptr; ///< Null: no such path, or not with this method.
        std::string_view pattern;         ///< Of the path; empty: no such path. Lives as long as the router.
        Access access = Access::token;
        std::vector<std::string> parameters;
        std::string allowed; ///< The methods of the path, for `Allow`; empty: no such path.
    };

    /// `target` as it stood on the wire; the query counts for nothing. What can be got has a `HEAD` as well,
    /// which the same handler answers: the server leaves the body away.
    [[nodiscard]] Match match(std::string_view method, std::string_view target) const;

private:
    struct Route
    {
        std::string method;
        std::string pattern;
        std::vector<std::string> segments;
        Access access;
        Handler handler;
    };

    std::vector<Route> routes_;
};

} // namespace drukbox::service::api
