#include "cli/duration.hpp"
#include "cli/expect_failure.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace drukbox::cli {
namespace {

using std::chrono::seconds;

TEST(ParseDurationTest, RefusesWhatIsNoDurationAndNamesTheBadPart)
{
    class Case
    {
    public:
        std::string text;
        std::string part;
    };

    const std::vector<Case> cases{
        {"", "empty"},
        {"x", "'x'"},
        {"5x", "'x'"},
        {"5 m", "' m'"},
        {"1h30", "no unit"},
        {"30m1h", "'h' is repeated or out of order"},
        {"1h1h", "'h'"},
        {"-5", "'-5'"},
        {"+5", "'+5'"},
        {"0", "longer than zero"},
        {"0h", "longer than zero"},
        {"1.5h", "'.5h'"},
        {"99999999999999999999", "a hundred years"},
        {"9223372036854775807d", "a hundred years"},
        {"36601d", "a hundred years"},
        {"1d-1h", "'-1h'"},
    };
    for (const Case& c : cases) {
        const Failure failure = failure_of([&] { (void)parse_duration(c.text); });
        EXPECT_EQ(failure.code(), ExitCode::usage) << c.text;
        EXPECT_NE(std::string(failure.what()).find(c.part), std::string::npos) << failure.what();
        EXPECT_NE(std::string(failure.what()).find("'" + c.text + "'"), std::string::npos) << failure.what();
    }
}

TEST(ParseDurationTest, ReadsSecondsAndUnits)
{
    EXPECT_EQ(parse_duration("90"), seconds(90));
    EXPECT_EQ(parse_duration("90s"), seconds(90));
    EXPECT_EQ(parse_duration("15m"), seconds(900));
    EXPECT_EQ(parse_duration("2h"), seconds(7200));
    EXPECT_EQ(parse_duration("1d12h"), seconds(129600));
    EXPECT_EQ(parse_duration("1d1h1m1s"), seconds(90061));
    EXPECT_EQ(parse_duration("0h5m"), seconds(300));
}

TEST(FormatDurationTest, TakesTheLargestUnitOfWhichThereAreTwo)
{
    EXPECT_EQ(format_duration(seconds(0)), "0 s");
    EXPECT_EQ(format_duration(seconds(119)), "119 s");
    EXPECT_EQ(format_duration(seconds(120)), "2 min");
    EXPECT_EQ(format_duration(seconds(7199)), "119 min");
    EXPECT_EQ(format_duration(seconds(86400)), "24 h");
    EXPECT_EQ(format_duration(seconds(3 * 86400)), "3 d");
}

TEST(FormatRelativeTest, SaysWhichSideOfNow)
{
    const wire::Timestamp now{std::chrono::microseconds(1'000'000'000)};
    EXPECT_EQ(format_relative(now, now), "now");
    EXPECT_EQ(format_relative(now + std::chrono::hours(24) - std::chrono::milliseconds(3), now), "in 24 h");
    EXPECT_EQ(format_relative(now - std::chrono::minutes(5), now), "5 min ago");
}

} // namespace
} // namespace drukbox::cli
