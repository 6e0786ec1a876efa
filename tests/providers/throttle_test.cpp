#include "service/remote/throttle.hpp"

#include <gtest/gtest.h>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

const std::chrono::system_clock::time_point now{std::chrono::seconds{784'111'700}};

std::chrono::milliseconds told(std::string name, std::string value, std::size_t attempts = 0)
{
    http::Headers headers;
    headers.add(std::move(name), std::move(value));
    return told_to_wait(headers, now, attempts);
}

TEST(ThrottleTest, WaitsForSecondsOrUntilADate)
{
    EXPECT_EQ(told("Retry-After", "7"), 7s);
    EXPECT_EQ(told("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), 78s);
    EXPECT_EQ(told("RateLimit-Reset", "30"), 30s);
}

TEST(ThrottleTest, WaitsUntilAUnixTime)
{
    http::Headers headers;
    headers.add("RateLimit-Reset", "1700000010");
    EXPECT_EQ(told_to_wait(headers, std::chrono::system_clock::time_point{1'700'000'000s}, 0), 11s);
}

TEST(ThrottleTest, NeverWaitsForNothingNorForever)
{
    EXPECT_EQ(told("Retry-After", "0"), 100ms);
    EXPECT_EQ(told("Retry-After", "99999999"), 24h);
    EXPECT_EQ(told("Retry-After", "Sun, 06 Nov 1904 08:49:37 GMT"), 1s);
}

TEST(ThrottleTest, WaitsLongerEachTimeWhenNothingIsTold)
{
    EXPECT_EQ(told("Retry-After", "soon", 0), 500ms);
    EXPECT_EQ(told("Other", "1", 3), 4s);
    EXPECT_EQ(told("Retry-After", "-5", 100), 32s);
}

} // namespace
} // namespace drukbox::service
