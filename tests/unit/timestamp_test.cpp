#include "wire/timestamp.hpp"

#include <gtest/gtest.h>

namespace drukbox::wire {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

class Accepted
{
public:
    const char* text;
    Timestamp expected;
};

constexpr Timestamp noon{sys_days{2026y / 6 / 1} + 12h};

class TimestampAccepts : public testing::TestWithParam<Accepted>
{
};

TEST_P(TimestampAccepts, TheForm)
{
    const auto result = parse_timestamp(GetParam().text);
    ASSERT_TRUE(std::holds_alternative<Timestamp>(result)) << GetParam().text;
    EXPECT_EQ(std::get<Timestamp>(result), GetParam().expected) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Offsets, TimestampAccepts,
    testing::Values(Accepted{"2026-06-01T12:00:00Z", noon}, Accepted{"2026-06-01T12:00:00z", noon},
                    Accepted{"2026-06-01T12:00:00+00:00", noon}, Accepted{"2026-06-01T12:00:00-00:00", noon},
                    Accepted{"2026-06-01T14:00:00+02:00", noon}, Accepted{"2026-06-01T06:30:00-05:30", noon},
                    Accepted{"2026-06-02T11:59:00+23:59", noon}, Accepted{"2026-05-31T12:01:00-23:59", noon},
                    Accepted{"2026-06-01T14:00:00+0200", noon},
                    Accepted{"2026-06-01T12:19:32+00:19:32", noon}));

INSTANTIATE_TEST_SUITE_P(Separators, TimestampAccepts,
                         testing::Values(Accepted{"2026-06-01t12:00:00Z", noon},
                                         Accepted{"2026-06-01 12:00:00Z", noon},
                                         Accepted{"2026-06-01 12:00:00+00:00", noon}));

INSTANTIATE_TEST_SUITE_P(Fractions, TimestampAccepts,
                         testing::Values(Accepted{"2026-06-01T12:00:00.5Z", noon + 500ms},
                                         Accepted{"2026-06-01T12:00:00.05Z", noon + 50ms},
                                         Accepted{"2026-06-01T12:00:00.123Z", noon + 123ms},
                                         Accepted{"2026-06-01T12:00:00.123456+00:00", noon + 123456us},
                                         Accepted{"2026-06-01T12:00:00.000001Z", noon + 1us},
                                         Accepted{"2026-06-01T12:00:00.1234567Z", noon + 123456us},
                                         Accepted{"2026-06-01T12:00:00.999999999Z", noon + 999999us}));

INSTANTIATE_TEST_SUITE_P(WithoutSeconds, TimestampAccepts,
                         testing::Values(Accepted{"2026-06-01T12:00+00:00", noon},
                                         Accepted{"2026-06-01T12:00Z", noon},
                                         Accepted{"2026-06-01 14:00+02:00", noon}));

INSTANTIATE_TEST_SUITE_P(
    LeapSecondsAndDays, TimestampAccepts,
    testing::Values(Accepted{"2024-02-29T00:00:00Z", Timestamp{sys_days{2024y / 2 / 29}}},
                    Accepted{"2000-02-29T00:00:00Z", Timestamp{sys_days{2000y / 2 / 29}}},
                    Accepted{"2016-12-31T23:59:60Z", Timestamp{sys_days{2017y / 1 / 1}}},
                    Accepted{"2016-12-31T23:59:60.25Z", Timestamp{sys_days{2017y / 1 / 1} + 250ms}},
                    Accepted{"2017-01-01T01:59:60+02:00", Timestamp{sys_days{2017y / 1 / 1}}}));

INSTANTIATE_TEST_SUITE_P(
    Limits, TimestampAccepts,
    testing::Values(Accepted{"0001-01-01T00:00:00Z", Timestamp{sys_days{1y / 1 / 1}}},
                    Accepted{"0001-01-01T01:00:00+01:00", Timestamp{sys_days{1y / 1 / 1}}},
                    Accepted{"9999-12-31T23:59:59.999999Z", Timestamp{sys_days{9999y / 12 / 31} + 24h - 1us}},
                    Accepted{"1969-12-31T23:59:59.999999Z", Timestamp{sys_days{1970y / 1 / 1} - 1us}}));

class TimestampRefuses : public testing::TestWithParam<const char*>
{
};

TEST_P(TimestampRefuses, WhatIsMalformed)
{
    const auto result = parse_timestamp(GetParam());
    ASSERT_TRUE(std::holds_alternative<TimestampFault>(result)) << GetParam();
    EXPECT_EQ(std::get<TimestampFault>(result), TimestampFault::malformed) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Shape, TimestampRefuses,
    testing::Values("", "x", "2026", "2026-06-01", "2026-06-01T", "2026-06-01T12",
                    "2026-06-01T12:", "2026-06-01T12:00:", "2026-06-01T12:00:0", "2026-06-01T12:00:00.",
                    "2026-06-01T12:00:00.Z", "2026-06-01T12:00:00.1234567890Z", "2026-06-01T12:00:00,5Z",
                    "2026-06-01_12:00:00Z", "2026-06-01  12:00:00Z", "2026-6-1T12:00:00Z", "20260601T120000Z",
                    " 2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z ", "2026-06-01T12:00:00ZZ",
                    "2026-06-01T12:00:00 Z", "+2026-06-01T12:00:00Z", "12026-06-01T12:00:00Z", "1780315200"));

INSTANTIATE_TEST_SUITE_P(Offset, TimestampRefuses,
                         testing::Values("2026-06-01T12:00:00+", "2026-06-01T12:00:00+2",
                                         "2026-06-01T12:00:00+02", "2026-06-01T12:00:00+02:",
                                         "2026-06-01T12:00:00+02:0", "2026-06-01T12:00:00+24:00",
                                         "2026-06-01T12:00:00+02:60", "2026-06-01T12:00:00+02:00:60",
                                         "2026-06-01T12:00:00UTC", "2026-06-01T12:00:00+02:00x"));

INSTANTIATE_TEST_SUITE_P(NoSuchTime, TimestampRefuses,
                         testing::Values("2026-00-01T12:00:00Z", "2026-13-01T12:00:00Z",
                                         "2026-06-00T12:00:00Z", "2026-06-31T12:00:00Z",
                                         "2026-02-29T12:00:00Z", "1900-02-29T12:00:00Z",
                                         "2026-06-01T24:00:00Z", "2026-06-01T12:60:00Z",
                                         "2026-06-01T12:00:61Z", "2026-06-01T12:00:60Z",
                                         "2026-06-01T23:59:60+02:00", "2026-02-30T12:00:00"));

INSTANTIATE_TEST_SUITE_P(OutOfRange, TimestampRefuses,
                         testing::Values("0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01",
                                         "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z"));

class TimestampWithoutOffset : public testing::TestWithParam<const char*>
{
};

TEST_P(TimestampWithoutOffset, IsItsOwnFault)
{
    const auto result = parse_timestamp(GetParam());
    ASSERT_TRUE(std::holds_alternative<TimestampFault>(result)) << GetParam();
    EXPECT_EQ(std::get<TimestampFault>(result), TimestampFault::no_offset) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Forms, TimestampWithoutOffset,
                         testing::Values("2026-06-01T12:00:00", "2026-06-01 12:00:00", "2026-06-01T12:00",
                                         "2026-06-01T12:00:00.123456"));

TEST(TimestampTest, NoPrefixOfAGoodOneIsATimestamp)
{
    const std::string_view good = "2026-06-01T12:00:00.123456+02:00";
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(std::holds_alternative<Timestamp>(parse_timestamp(good.substr(0, length)))) << length;
    }
}

TEST(TimestampTest, GoesOutInUtcWithSixDigitsOnlyWhenNeeded)
{
    EXPECT_EQ(format_timestamp(noon), "2026-06-01T12:00:00Z");
    EXPECT_EQ(format_timestamp(noon + 1us), "2026-06-01T12:00:00.000001Z");
    EXPECT_EQ(format_timestamp(noon + 120ms), "2026-06-01T12:00:00.120000Z");
    EXPECT_EQ(format_timestamp(Timestamp{sys_days{1970y / 1 / 1} - 1us}), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(format_timestamp(Timestamp{sys_days{1y / 1 / 1}}), "0001-01-01T00:00:00Z");
}

TEST(TimestampTest, WhatFourDigitsOfAYearCannotSayGoesOutAsTheNearestThatTheyCan)
{
    EXPECT_EQ(format_timestamp(Timestamp::max()), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(format_timestamp(Timestamp::min()), "0001-01-01T00:00:00Z");
}

TEST(TimestampTest, EveryDayOfFourCenturiesComesBackAsItWentOut)
{
    for (sys_days day = 1900y / 1 / 1; day < sys_days{2300y / 1 / 1}; day += std::chrono::days{1}) {
        const Timestamp time = day + 13h + 7min + 9s + 42us;
        const auto back = parse_timestamp(format_timestamp(time));
        ASSERT_TRUE(std::holds_alternative<Timestamp>(back)) << format_timestamp(time);
        ASSERT_EQ(std::get<Timestamp>(back), time);
    }
}

} // namespace
} // namespace drukbox::wire
