#include "service/providers/aws/signed_client.hpp"

#include "service/providers/aws/answers.hpp"
#include "service/runtime/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>

namespace drukbox::service::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds time_limit{60'000};
constexpr milliseconds first_pause{500};
constexpr milliseconds longest_pause{20'000};

bool asks_for_less(const std::string& code)
{
    constexpr std::array<std::string_view, 7> codes{"RequestLimitExceeded", "Throttling",
                                                    "ThrottlingException",  "ThrottledException",
                                                    "RequestThrottled",     "TooManyRequestsException",
                                                    "EC2ThrottledException"};
    return std::ranges::find(codes, code) != codes.end();
}

bool has_ended(const std::string& code)
{
    constexpr std::array<std::string_view, 5> codes{"ExpiredToken", "ExpiredTokenException", "RequestExpired",
                                                    "AuthFailure", "InvalidClientTokenId"};
    return std::ranges::find(codes, code) != codes.end();
}

ApiClientOptions client_options(const ServiceEndpoint& endpoint)
{
    ApiClientOptions options;
    options.provider = "aws";
    options.base_url = endpoint.url;
    options.timeout = endpoint.timeout;
    options.time_limit = time_limit;
    return options;
}

} // namespace

SignedClient::SignedClient(boost::asio::any_io_executor executor, ServiceEndpoint endpoint,
                           CredentialChain& chain)
    : executor_(executor)
    , endpoint_(std::move(endpoint))
    , chain_(chain)
    , api_(std::move(executor), client_options(endpoint_))
{
}

boost::asio::awaitable<std::string> SignedClient::call(ApiRequest request, std::string doing)
{
    const auto deadline = request.deadline.value_or(steady_clock::now() + time_limit);
    request.deadline = deadline;
    bool renewed = false;
    for (std::size_t attempts = 0;;) {
        const Credentials credentials = co_await chain_.get();
        ApiRequest attempt = request;
        sign(attempt, credentials, endpoint_.region, endpoint_.service);
        ApiAnswer answer = co_await api_.send(std::move(attempt));
        if (answer.ok()) {
            co_return std::move(answer.body);
        }
        const std::string code = parse_failure(answer.body).code;
        if (asks_for_less(code)) {
            co_await pause(attempts++, deadline);
        } else if (has_ended(code) && !renewed) {
            renewed = true;
            chain_.forget();
        } else {
            throw_refusal(answer, doing);
        }
    }
}

boost::asio::awaitable<void> SignedClient::pause(std::size_t attempts, steady_clock::time_point deadline)
{
    const auto wait = std::min(longest_pause, first_pause * (1U << std::min<std::size_t>(attempts, 6)));
    if (steady_clock::now() + wait > deadline) {
        throw ProviderThrottled("aws asks for fewer calls to " + endpoint_.service);
    }
    log::warning("provider.throttled").field("provider", "aws").field("ms", wait.count());
    boost::asio::steady_timer timer{executor_, wait};
    co_await timer.async_wait(boost::asio::use_awaitable);
}

} // namespace drukbox::service::aws
