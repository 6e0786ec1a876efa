#include "service/remote/api_client.hpp"

#include "http/client/async_send.hpp"
#include "service/remote/answer.hpp"
#include "service/remote/throttle.hpp"
#include "service/runtime/log.hpp"
#include "wire/percent.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

namespace drukbox::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds connect_timeout{5'000};
constexpr unsigned too_many_requests = 429;

http::ClientOptions with_defaults(http::ClientOptions options)
{
    options.connect_timeout = connect_timeout;
    options.max_body_bytes = std::min<std::size_t>(options.max_body_bytes, 64U << 20U);
    if (options.user_agent.empty()) {
        options.user_agent = "drukbox";
    }
    return options;
}

/// libcurl's words may hold the URL's host, never a header or a body.
ProviderUnavailable unavailable(const std::string& provider, const http::TransportError& error)
{
    const bool timed_out = error.failure() == http::TransportFailure::timeout;
    return ProviderUnavailable{provider + (timed_out ? " did not answer in time" : " cannot be reached: ") +
                               (timed_out ? std::string{} : presentable(error.what(), {}))};
}

std::optional<std::string> reason_in(const ApiAnswer& answer)
{
    boost::system::error_code error;
    const auto json = boost::json::parse(answer.body, error);
    if (error || !json.is_object()) {
        return std::nullopt;
    }
    const auto text_at = [](const boost::json::object& object,
                            std::string_view key) -> std::optional<std::string> {
        const auto* value = object.if_contains(key);
        return value != nullptr && value->is_string() ? std::optional{std::string{value->get_string()}}
                                                      : std::nullopt;
    };
    const auto& object = json.get_object();
    if (const auto* inner = object.if_contains("error"); inner != nullptr && inner->is_object()) {
        if (auto text = text_at(inner->get_object(), "message")) {
            return text;
        }
    }
    for (const auto* key : {"message", "error", "detail"}) {
        if (auto text = text_at(object, key)) {
            return text;
        }
    }
    return std::nullopt;
}

} // namespace

void ApiRequest::set_json(const boost::json::value& json)
{
    body = boost::json::serialize(json);
    headers.add("Content-Type", "application/json");
}

boost::json::value ApiAnswer::json() const
{
    return parse_answer(provider, body);
}

ApiClient::ApiClient(boost::asio::any_io_executor executor, ApiClientOptions options)
    : executor_(std::move(executor))
    , options_(std::move(options))
    , client_(with_defaults(options_.http))
    , not_before_(steady_clock::time_point::min())
{
}

boost::asio::awaitable<ApiAnswer> ApiClient::send(ApiRequest request)
{
    const auto deadline = request.deadline.value_or(steady_clock::now() + options_.time_limit);
    for (std::size_t attempts = 0;; ++attempts) {
        co_await wait_until_allowed(deadline);
        http::Response response;
        std::optional<ProviderError> failure;
        try {
            auto prepared = prepare(request);
            response = co_await http::async_send(client_, std::move(prepared));
        } catch (const http::TransportError& error) {
            failure = unavailable(options_.provider, error);
        }
        if (failure) {
            throw ProviderError(*failure);
        }
        if (response.status != too_many_requests) {
            ApiAnswer answer;
            answer.provider = options_.provider;
            answer.status = response.status;
            answer.headers = std::move(response.headers);
            answer.body = std::move(response.body);
            answer.secrets = std::move(request.secrets);
            co_return answer;
        }
        const auto wait = told_to_wait(response.headers, std::chrono::system_clock::now(), attempts);
        not_before_ = std::max(not_before_, steady_clock::now() + wait);
        log::warning("provider.throttled").field("provider", options_.provider).field("ms", wait.count());
    }
}

http::Request ApiClient::prepare(const ApiRequest& request) const
{
    http::Request prepared{request.method, options_.base_url + request.path};
    prepared.headers = request.headers;
    prepared.body = request.body;
    prepared.timeout = request.timeout.value_or(options_.timeout);
    prepared.idempotent = request.idempotent;
    prepared.lane = request.lane;
    prepared.sink = request.sink;
    prepared.aws_signature = request.aws_signature;
    if (options_.authorize) {
        options_.authorize(prepared);
    }
    return prepared;
}

boost::asio::awaitable<void> ApiClient::wait_until_allowed(steady_clock::time_point deadline)
{
    while (not_before_ > steady_clock::now()) {
        if (not_before_ > deadline) {
            const auto left =
                std::chrono::duration_cast<std::chrono::seconds>(not_before_ - steady_clock::now());
            throw ProviderThrottled(options_.provider + " asks to be left alone for another " +
                                    std::to_string(left.count() + 1) + " s");
        }
        boost::asio::steady_timer timer{executor_, not_before_};
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

void require_success(const ApiAnswer& answer, std::string_view doing)
{
    if (!answer.ok()) {
        throw_failure(answer, doing, reason_in(answer).value_or(""));
    }
}

void throw_failure(const ApiAnswer& answer, std::string_view doing, std::string_view reason)
{
    const auto shown = presentable(reason, answer.secrets);
    const std::string message = answer.provider + " failed to " + std::string{doing} + ": " +
                                (shown.empty() ? "it answered " + std::to_string(answer.status) : shown);
    if (answer.status == 401 || answer.status == 403) {
        throw ProviderAuthError(message);
    }
    if (answer.status >= 500) {
        throw ProviderUnavailable(message);
    }
    throw ProviderError(message);
}

std::string url_escape(std::string_view text)
{
    return wire::percent_encode(text);
}

} // namespace drukbox::service
