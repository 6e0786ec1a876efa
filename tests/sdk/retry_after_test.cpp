#include "http/date.hpp"
#include "sdk/retry_after.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace drukbox::sdk {
namespace {

using namespace std::chrono_literals;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;
using std::chrono::seconds;

constexpr std::chrono::sys_seconds moment{784111777s}; // Sun, 06 Nov 1994 08:49:37 GMT

std::optional<seconds> told(const std::string& value)
{
    http::Headers headers;
    headers.add("Content-Type", "text/html");
    headers.add("retry-after", value);
    return retry_after(headers, moment + 900ms);
}

TEST(RetryAfterTest, IsANumberOfSecondsOrADate)
{
    EXPECT_EQ(told("0"), 0s);
    EXPECT_EQ(told("120"), 120s);
    EXPECT_EQ(told("Sun, 06 Nov 1994 08:50:37 GMT"), 60s);
    EXPECT_EQ(told("Sun, 06 Nov 1994 08:49:37 GMT"), 0s);
    EXPECT_EQ(told("Sun, 06 Nov 1984 08:49:37 GMT"), 0s) << "a date that is past";
}

TEST(RetryAfterTest, IsNothingWhereItSaysSomethingElse)
{
    EXPECT_EQ(retry_after(http::Headers{}, moment), std::nullopt);
    for (const char* value :
         {"", "1.5", "-1", "+1", "1 s", "soon", "0x10", "9999999999", "99999999999999999999",
          "Sun, 06 Nov 9999 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
        EXPECT_EQ(told(value), std::nullopt) << value;
    }
}

TEST(RetryAfterTest, ADateOfAHeaderIsReadInItsOneForm)
{
    EXPECT_EQ(http::parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), moment);
    EXPECT_EQ(http::parse_date("Thu, 29 Feb 2024 23:59:60 GMT"), std::chrono::sys_seconds{1709251200s});
    EXPECT_EQ(http::parse_date("Sun, 0x Nov 1994 08:49:37 GMT"), std::nullopt);
    EXPECT_EQ(http::parse_date("Sun, 06 nov 1994 08:49:37 GMT"), std::nullopt);
    EXPECT_EQ(http::parse_date("Sun, 06 Nov 1994 08:49:37 GMT "), std::nullopt);
}

/// What a create ends with.
template <class Error>
Error end_of(const SandboxClient& client)
{
    try {
        client.create_host();
    } catch (const Error& error) {
        return error;
    } catch (const SandboxError& error) {
        ADD_FAILURE() << "another error: " << error.what();
        return Error{SandboxErrorInfo{}};
    }
    ADD_FAILURE() << "no error";
    return Error{SandboxErrorInfo{}};
}

class RefusedForNowTest : public ::testing::Test
{
protected:
    FakeService service_;
    SandboxClient client_{service_.config()};
};

TEST_F(RefusedForNowTest, NoRoomSaysWhenToAskAgain)
{
    service_.answer(Answer::error(503, "no room", "CAPACITY").header("Retry-After", "30"));
    const auto error = end_of<SandboxUnavailableError>(client_);
    EXPECT_EQ(error.error_code(), "CAPACITY");
    EXPECT_TRUE(error.retryable());
    EXPECT_EQ(error.retry_after(), 30s);
}

TEST_F(RefusedForNowTest, TooManyRequestsMayBeRepeated)
{
    service_.answer(Answer::error(429, "too many", "RATE_LIMITED").header("Retry-After", "7"));
    const auto error = end_of<SandboxResponseError>(client_);
    EXPECT_TRUE(error.retryable());
    EXPECT_EQ(error.retry_after(), 7s);
    service_.answer(Answer::text(429, "text/html", "<h1>Slow down</h1>"));
    const auto page = end_of<SandboxResponseError>(client_);
    EXPECT_TRUE(page.retryable()) << "a gateway's page";
    EXPECT_EQ(page.retry_after(), std::nullopt);
}

TEST_F(RefusedForNowTest, OtherErrorsSayItTooAndMayNot)
{
    service_.answer(Answer::error(500, "a").header("Retry-After", "1"));
    const auto error = end_of<SandboxResponseError>(client_);
    EXPECT_FALSE(error.retryable());
    EXPECT_EQ(error.retry_after(), 1s);
    service_.answer(Answer::drop());
    EXPECT_EQ(end_of<SandboxUnavailableError>(client_).retry_after(), std::nullopt);
}

} // namespace
} // namespace drukbox::sdk
