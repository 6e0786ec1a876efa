#include "providers/run.hpp"
#include "service/remote/shared_poller.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace drukbox::service {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Poller = SharedPoller<int, int>;

/// Looks that a test scripts, and the outcomes of those who wait.
class SharedPollerTest : public testing::Test
{
protected:
    std::map<int, int> look(const std::vector<int>& keys)
    {
        looks_.push_back(keys);
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        std::map<int, int> found;
        for (const int key : keys) {
            if (!gone_.contains(key)) {
                found[key] = static_cast<int>(looks_.size());
            }
        }
        return found;
    }

    void wait(int key, std::chrono::milliseconds limit = 60s)
    {
        const auto deadline = Poller::Clock::now() + limit;
        auto report = [this, key](std::exception_ptr error, std::optional<int> state) {
            try {
                if (error) {
                    std::rethrow_exception(error);
                }
                outcomes_[key] = state ? "at look " + std::to_string(*state) : "gone";
            } catch (const ProviderError& refused) {
                outcomes_[key] = refused.what();
            }
        };
        asio::co_spawn(reactor_, poller_.wait(key, deadline, "too late"), std::move(report));
    }

    asio::io_context reactor_;
    std::vector<std::vector<int>> looks_;
    std::map<int, bool> gone_;
    std::exception_ptr failure_;
    std::map<int, std::string> outcomes_;
    int settled_from_ = 1;

    Poller make_poller(Poller::Clock::duration interval)
    {
        return Poller{
            reactor_.get_executor(), interval,
            [this](std::vector<int> keys, Poller::Clock::time_point) { return look_later(std::move(keys)); },
            [this](const int& state) { return state >= settled_from_; }};
    }

    asio::awaitable<std::map<int, int>> look_later(std::vector<int> keys)
    {
        co_await asio::post(asio::use_awaitable);
        co_return look(keys);
    }

    Poller poller_ = make_poller(5ms);
};

TEST_F(SharedPollerTest, LooksOnceATickForAllWhoWait)
{
    settled_from_ = 3;
    for (int key = 0; key < 50; ++key) {
        wait(key);
    }
    reactor_.run();
    // The first who came looked before the others were there.
    ASSERT_EQ(looks_.size(), 3U);
    EXPECT_EQ(looks_.front().size(), 1U);
    EXPECT_EQ(looks_.back().size(), 50U);
    EXPECT_EQ(outcomes_.size(), 50U);
    EXPECT_EQ(outcomes_[0], "at look 3");
}

TEST_F(SharedPollerTest, HandsTheLookingOverWhenTheFirstLeaves)
{
    settled_from_ = 1000;
    wait(0, 1ms);
    wait(1, 60s);
    settled_from_ = 5;
    reactor_.run();
    EXPECT_EQ(outcomes_[0], "too late");
    EXPECT_EQ(outcomes_[1], "at look 5");
}

TEST_F(SharedPollerTest, TellsWhatIsGoneAndJudgesNobodyUnasked)
{
    gone_[0] = true;
    wait(0);
    wait(1);
    reactor_.run();
    EXPECT_EQ(outcomes_[0], "gone");
    EXPECT_THAT(outcomes_[1], testing::StartsWith("at look "));
}

TEST_F(SharedPollerTest, ARefusedCredentialEndsEveryWaitAtOnce)
{
    failure_ = std::make_exception_ptr(ProviderAuthError{"cloud refuses"});
    wait(0);
    wait(1);
    reactor_.run();
    EXPECT_EQ(looks_.size(), 1U);
    EXPECT_EQ(outcomes_[0], "cloud refuses");
    EXPECT_EQ(outcomes_[1], "cloud refuses");
}

TEST_F(SharedPollerTest, OtherFailuresAreBorneAFewTimesInARow)
{
    failure_ = std::make_exception_ptr(ProviderUnavailable{"cloud is away"});
    wait(0);
    reactor_.run();
    EXPECT_EQ(looks_.size(), 5U);
    EXPECT_EQ(outcomes_[0], "cloud is away");
}

TEST_F(SharedPollerTest, SaysTheLastProblemWhenTimeIsOver)
{
    failure_ = std::make_exception_ptr(ProviderUnavailable{"cloud is away"});
    poller_ = make_poller(60s);
    wait(0, 500ms);
    reactor_.run();
    EXPECT_EQ(outcomes_[0], "too late: cloud is away");
}

TEST_F(SharedPollerTest, IsLeftByACoroutineThatIsDestroyedWhileItWaits)
{
    settled_from_ = 1000;
    {
        asio::io_context other;
        Poller poller{other.get_executor(), 60s,
                      [](std::vector<int>, Poller::Clock::time_point) -> asio::awaitable<std::map<int, int>> {
                          co_return std::map<int, int>{{1, 1}};
                      },
                      [](const int&) { return false; }};
        asio::co_spawn(other, poller.wait(1, Poller::Clock::now() + 60s, "late"), asio::detached);
        asio::co_spawn(other, poller.wait(1, Poller::Clock::now() + 60s, "late"), asio::detached);
        other.poll();
    }
    SUCCEED();
}

} // namespace
} // namespace drukbox::service
