#pragma once

#include "http/client/client.hpp"
#include "service/base/provider_error.hpp"
#include "service/base/redacted.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// One call of a provider's HTTP API.
class ApiRequest
{
public:
    ApiRequest() = default;

    ApiRequest(std::string http_method, std::string path_and_query)
        : method(std::move(http_method))
        , path(std::move(path_and_query))
        , idempotent(method != "POST")
    {
    }

    /// Sends this as the body, as JSON.
    void set_json(const boost::json::value& json);

    std::string method = "GET";
    std::string path; ///< Follows the base URL: `/servers?name=x`, already escaped.
    http::Headers headers;
    std::optional<std::string> body;
    std::optional<std::chrono::milliseconds> timeout; ///< Of one attempt; none: the client's.
    /// Until when a provider that asks to be left alone is waited for; none: the client's time_limit from
    /// now.
    std::optional<std::chrono::steady_clock::time_point> deadline;
    bool idempotent = true; ///< False: sent on a connection of its own, see http::Request.
    http::Lane lane = http::Lane::brief;
    std::shared_ptr<http::BodySink> sink;            ///< See http::Request.
    std::vector<Redacted> secrets;                   ///< What an error's text must not repeat.
    std::optional<http::AwsSignature> aws_signature; ///< See http::Request.
};

/// A whole answer, whatever its status.
class ApiAnswer
{
public:
    ApiAnswer() = default;

    [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }

    /// Throws MalformedAnswer.
    [[nodiscard]] boost::json::value json() const;

    std::string provider;
    unsigned status = 0;
    http::Headers headers;
    std::string body;
    std::vector<Redacted> secrets; ///< Those of the request.
};

class ApiClientOptions
{
public:
    ApiClientOptions() = default;

    std::string provider; ///< Stands in every error.
    std::string base_url; ///< Without a final slash.
    http::ClientOptions http;
    std::chrono::milliseconds timeout{30'000};    ///< Of one attempt.
    std::chrono::milliseconds time_limit{60'000}; ///< For a provider that asks to be left alone.
    /// Adds what authorises a request; called for every attempt, so that a signature's time is right.
    std::function<void(http::Request&)> authorize;
};

/// An awaitable client of a provider's HTTP API. Connecting takes at most 5 s. A 429 is waited out as the
/// provider asks, by every call of this client alike, within the caller's deadline. Used on one thread.
class ApiClient
{
public:
    ApiClient(boost::asio::any_io_executor executor, ApiClientOptions options);

    /// The answer, whatever its status but 429. Throws ProviderError: `ProviderUnavailable` when no whole
    /// answer came, `ProviderThrottled` when the provider asks to wait beyond the deadline.
    [[nodiscard]] boost::asio::awaitable<ApiAnswer> send(ApiRequest request);

    [[nodiscard]] const std::string& provider() const noexcept { return options_.provider; }

private:
    [[nodiscard]] http::Request prepare(const ApiRequest& request) const;
    [[nodiscard]] boost::asio::awaitable<void>
    wait_until_allowed(std::chrono::steady_clock::time_point deadline);

    boost::asio::any_io_executor executor_;
    ApiClientOptions options_;
    http::Client client_;
    std::chrono::steady_clock::time_point not_before_;
};

/// Throws a ProviderError for an answer that is no success: `ProviderAuthError` for 401 and 403,
/// `ProviderUnavailable` for 5xx, else `ProviderError`. `doing` completes "hetzner failed to …"; the reason
/// is what the answer holds at `message`, `error.message`, `error` or `detail`, else its status.
void require_success(const ApiAnswer& answer, std::string_view doing);

/// The same, with a reason that the caller has found.
[[noreturn]] void throw_failure(const ApiAnswer& answer, std::string_view doing, std::string_view reason);

/// `text` as it may stand in a path or query.
[[nodiscard]] std::string url_escape(std::string_view text);

} // namespace drukbox::service
