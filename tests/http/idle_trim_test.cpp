#include "http/client/idle_trim.hpp"

#include <gtest/gtest.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
constexpr IdleTrim::TimePoint start{1h};

} // namespace

TEST(IdleTrimTest, IsDueOnceTooManyHaveBeenIdleForLongEnough)
{
    IdleTrim trim(5, 200ms);
    trim.observe(16, 11, start);
    EXPECT_FALSE(trim.due());
    trim.observe(16, 10, start);
    EXPECT_EQ(trim.due(), start + 200ms);
    trim.observe(16, 0, start + 100ms);
    EXPECT_EQ(trim.due(), start + 200ms);
}

TEST(IdleTrimTest, AnyMomentOfUseStartsTheWaitAnew)
{
    IdleTrim trim(5, 200ms);
    trim.observe(16, 0, start);
    trim.observe(16, 16, start + 199ms);
    EXPECT_FALSE(trim.due());
    trim.observe(16, 0, start + 200ms);
    EXPECT_EQ(trim.due(), start + 400ms);
}

TEST(IdleTrimTest, WhatIsLeftAfterTrimmingIsJudgedAnew)
{
    IdleTrim trim(0, 200ms);
    trim.observe(2, 0, start);
    trim.trimmed();
    EXPECT_FALSE(trim.due());
    trim.observe(1, 0, start + 200ms);
    EXPECT_EQ(trim.due(), start + 400ms);
}

} // namespace drukbox::http
