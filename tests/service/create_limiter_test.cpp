#include "service/api/create_limiter.hpp"

#include <gtest/gtest.h>

namespace drukbox::service::api {
namespace {

using namespace std::chrono_literals;

constexpr Authenticator::TokenId one{1};
constexpr Authenticator::TokenId two{2};

TEST(CreateLimiterTest, AdmitsEverythingWithoutALimit)
{
    CreateLimiter limiter{0};
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(limiter.admit(one, CreateLimiter::TimePoint{}), std::nullopt);
    }
}

TEST(CreateLimiterTest, SaysHowLongToWaitOnceAMinutesWorthIsUsed)
{
    CreateLimiter limiter{3};
    const CreateLimiter::TimePoint begin{1h};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(limiter.admit(one, begin), std::nullopt);
    }
    EXPECT_EQ(limiter.admit(one, begin), 20s);
    EXPECT_EQ(limiter.admit(one, begin + 5s), 15s);
    EXPECT_EQ(limiter.admit(one, begin + 20s), std::nullopt);
    EXPECT_EQ(limiter.admit(one, begin + 20s), 20s);
}

TEST(CreateLimiterTest, CountsEachTokenByItself)
{
    CreateLimiter limiter{1};
    const CreateLimiter::TimePoint begin{1h};
    EXPECT_EQ(limiter.admit(one, begin), std::nullopt);
    EXPECT_EQ(limiter.admit(two, begin), std::nullopt);
    EXPECT_EQ(limiter.admit(two, begin), 60s);
}

TEST(CreateLimiterTest, SavesUpNoMoreThanAMinutesWorth)
{
    CreateLimiter limiter{2};
    const CreateLimiter::TimePoint begin{1h};
    EXPECT_EQ(limiter.admit(one, begin), std::nullopt);
    const auto later = begin + 24h;
    EXPECT_EQ(limiter.admit(one, later), std::nullopt);
    EXPECT_EQ(limiter.admit(one, later), std::nullopt);
    EXPECT_EQ(limiter.admit(one, later), 30s);
}

} // namespace
} // namespace drukbox::service::api
