#include "service/networking/tailscale/access_tokens.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace drukbox::service::tailscale {
namespace {

// A token is not used in its last minute: it must outlast the call, and clocks differ.
constexpr std::chrono::seconds margin{60};

} // namespace

AccessTokens::AccessTokens(boost::asio::any_io_executor executor, Fetch fetch)
    : executor_(std::move(executor))
    , fetch_(std::move(fetch))
{
}

boost::asio::awaitable<Redacted> AccessTokens::get()
{
    if (now() < good_until_) {
        co_return token_;
    }
    auto fetching = fetching_;
    if (!fetching) {
        fetching = std::make_shared<Fetching>(executor_);
        fetching_ = fetching;
        // Not a part of the first caller, who may be cancelled while others wait.
        boost::asio::co_spawn(executor_, run(shared_from_this(), fetching), boost::asio::detached);
    }
    co_await fetching->done.wait();
    if (fetching->failure) {
        std::rethrow_exception(fetching->failure);
    }
    co_return fetching->token;
}

void AccessTokens::forget(const Redacted& token)
{
    if (token.reveal() == token_.reveal()) {
        good_until_ = Clock::time_point::min();
    }
}

boost::asio::awaitable<void> AccessTokens::run(std::shared_ptr<AccessTokens> self,
                                               std::shared_ptr<Fetching> fetching)
{
    const auto begun = self->now();
    try {
        const AccessToken fetched = co_await self->fetch_();
        fetching->token = fetched.value;
        self->token_ = fetched.value;
        self->good_until_ = begun + fetched.lifetime - margin;
    } catch (...) {
        fetching->failure = std::current_exception();
    }
    self->fetching_.reset();
    fetching->done.set();
}

} // namespace drukbox::service::tailscale
