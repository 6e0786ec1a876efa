#include "service/networking/tailscale/access_tokens.hpp"
#include "service/providers/provider.hpp"
#include "service/runtime/signal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>

namespace drukbox::service::tailscale {
namespace {

using namespace std::chrono_literals;

class AccessTokensTest : public ::testing::Test
{
protected:
    AccessTokensTest()
        : tokens_(std::make_shared<AccessTokens>(reactor_.get_executor(), [this] { return fetch(); }))
    {
        tokens_->now = [this] { return now_; };
    }

    boost::asio::awaitable<AccessToken> fetch()
    {
        ++fetched_;
        co_await gate_.wait();
        if (fail_) {
            throw ProviderAuthError("refused");
        }
        AccessToken token;
        token.value = Redacted{"token-" + std::to_string(fetched_)};
        token.lifetime = 3600s;
        co_return token;
    }

    void ask()
    {
        boost::asio::co_spawn(reactor_, tokens_->get(),
                              [this](const std::exception_ptr& failure, const Redacted& token) {
                                  failure ? static_cast<void>(++failures_) : got_.push_back(token.reveal());
                              });
    }

    void run()
    {
        reactor_.restart();
        reactor_.run();
    }

    std::string get()
    {
        ask();
        run();
        return got_.back();
    }

    boost::asio::io_context reactor_{1};
    Signal gate_{reactor_.get_executor()};
    AccessTokens::Clock::time_point now_{100h};
    int fetched_ = 0;
    int failures_ = 0;
    bool fail_ = false;
    std::vector<std::string> got_;
    std::shared_ptr<AccessTokens> tokens_;
};

TEST_F(AccessTokensTest, AreUsedUntilAMinuteBeforeTheirEnd)
{
    gate_.set();
    EXPECT_EQ(get(), "token-1");
    now_ += 3539s;
    EXPECT_EQ(get(), "token-1");
    now_ += 1s;
    EXPECT_EQ(get(), "token-2");
}

TEST_F(AccessTokensTest, AreFetchedOnceForAllWhoAsk)
{
    for (int i = 0; i < 5; ++i) {
        ask();
    }
    reactor_.poll();
    EXPECT_EQ(fetched_, 1);
    gate_.set();
    run();
    EXPECT_EQ(got_, std::vector<std::string>(5, "token-1"));
}

TEST_F(AccessTokensTest, FailForAllWhoAskAndAreFetchedAgainByTheNext)
{
    fail_ = true;
    ask();
    ask();
    reactor_.poll();
    gate_.set();
    run();
    EXPECT_EQ(failures_, 2);
    EXPECT_EQ(fetched_, 1);
    fail_ = false;
    EXPECT_EQ(get(), "token-2");
}

TEST_F(AccessTokensTest, AreFetchedAgainWhenTheyWereRefused)
{
    gate_.set();
    EXPECT_EQ(get(), "token-1");
    tokens_->forget(Redacted{"another"});
    EXPECT_EQ(get(), "token-1");
    tokens_->forget(Redacted{"token-1"});
    EXPECT_EQ(get(), "token-2");
}

} // namespace
} // namespace drukbox::service::tailscale
