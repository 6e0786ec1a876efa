#pragma once

#include "service/networking/tailscale/answers.hpp"
#include "service/runtime/signal.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>

namespace drukbox::service::tailscale {

/// The access token in force. However many ask for one at a time, one is fetched. Used on one thread.
class AccessTokens : public std::enable_shared_from_this<AccessTokens>
{
public:
    using Clock = std::chrono::steady_clock;
    using Fetch = std::function<boost::asio::awaitable<AccessToken>()>;

    AccessTokens(boost::asio::any_io_executor executor, Fetch fetch);

    /// Throws what fetching throws.
    [[nodiscard]] boost::asio::awaitable<Redacted> get();

    /// Forgets a token that was refused, unless it has been replaced already.
    void forget(const Redacted& token);

    std::function<Clock::time_point()> now = [] { return Clock::now(); };

private:
    /// One under way.
    struct Fetching
    {
        explicit Fetching(const boost::asio::any_io_executor& executor)
            : done(executor)
        {
        }

        Signal done;
        Redacted token;
        std::exception_ptr failure;
    };

    static boost::asio::awaitable<void> run(std::shared_ptr<AccessTokens> self,
                                            std::shared_ptr<Fetching> fetching);

    boost::asio::any_io_executor executor_;
    Fetch fetch_;
    Redacted token_;
    Clock::time_point good_until_ = Clock::time_point::min();
    std::shared_ptr<Fetching> fetching_;
};

} // namespace drukbox::service::tailscale
