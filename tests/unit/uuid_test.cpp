#include "wire/uuid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <unordered_set>
#include <vector>

namespace drukbox::wire {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

constexpr const char* canonical = "0190b5e2-7c1a-7def-8abc-0123456789ab";

class UuidAccepts : public testing::TestWithParam<const char*>
{
};

TEST_P(UuidAccepts, TheForm)
{
    const auto id = Uuid::parse(GetParam());
    ASSERT_TRUE(id.has_value()) << GetParam();
    EXPECT_EQ(id->str(), canonical);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, UuidAccepts,
    testing::Values(canonical, "0190B5E2-7C1A-7DEF-8ABC-0123456789AB", "0190b5E2-7c1A-7deF-8aBc-0123456789aB",
                    "0190b5e27c1a7def8abc0123456789ab", "0190B5E27C1A7DEF8ABC0123456789AB",
                    "{0190b5e2-7c1a-7def-8abc-0123456789ab}", "{0190B5E27C1A7DEF8ABC0123456789AB}",
                    "urn:uuid:0190b5e2-7c1a-7def-8abc-0123456789ab",
                    "URN:UUID:0190B5E2-7C1A-7DEF-8ABC-0123456789AB"));

class UuidRefuses : public testing::TestWithParam<const char*>
{
};

TEST_P(UuidRefuses, TheNearMiss)
{
    EXPECT_EQ(Uuid::parse(GetParam()), std::nullopt) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    NearMisses, UuidRefuses,
    testing::Values("", "{", "{}", "x", "urn:uuid:", "0190b5e2-7c1a-7def-8abc-0123456789a",
                    "0190b5e2-7c1a-7def-8abc-0123456789abc", "0190b5e2-7c1a-7def-8abc-0123456789ag",
                    "0190b5e2-7c1a-7def-8abc_0123456789ab", "0190b5e27-c1a-7def-8abc-0123456789ab",
                    "0190b5e2-7c1a-7def-8abc0123456789ab-", "-190b5e2-7c1a-7def-8abc-0123456789ab",
                    "0190b5e27c1a7def8abc0123456789a", "0190b5e27c1a7def8abc0123456789abc",
                    "0190b5e27c1a7def8abc0123456789a-", "{0190b5e2-7c1a-7def-8abc-0123456789ab",
                    "0190b5e2-7c1a-7def-8abc-0123456789ab}", "(0190b5e2-7c1a-7def-8abc-0123456789ab)",
                    "{{0190b5e2-7c1a-7def-8abc-0123456789ab}}", "urn:uuid:0190b5e27c1a7def8abc0123456789ab",
                    "urn:uuid:{0190b5e2-7c1a-7def-8abc-0123456789ab}",
                    "urn-uuid:0190b5e2-7c1a-7def-8abc-0123456789ab",
                    "uuid:0190b5e2-7c1a-7def-8abc-0123456789ab", " 0190b5e2-7c1a-7def-8abc-0123456789ab",
                    "0190b5e2-7c1a-7def-8abc-0123456789ab\n", "0x90b5e2-7c1a-7def-8abc-0123456789ab",
                    "0190b5e2-7c1a-7def-8abc-01234567\xc3\xa9"
                    "ab"));

TEST(UuidTest, ANulCharacterIsNotSkipped)
{
    EXPECT_EQ(Uuid::parse(std::string_view{"0190b5e2-7c1a-7def-8abc-0123456789a\0", 36}), std::nullopt);
}

TEST(UuidTest, Version7CarriesTheMillisecondTheVersionAndTheVariant)
{
    const Timestamp now{sys_days{std::chrono::year{2031} / 3 / 4} + 5h + 678ms + 901us};
    const auto bytes = Uuid::v7(now).bytes();
    std::int64_t millisecond = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        millisecond = millisecond << 8 | bytes[i];
    }
    EXPECT_EQ(millisecond, now.time_since_epoch() / 1ms);
    EXPECT_EQ(bytes[6] >> 4, 7);
    EXPECT_EQ(bytes[8] >> 6, 2);
}

TEST(UuidTest, Version7IsInOrderWithinAMillisecond)
{
    const Timestamp now{sys_days{std::chrono::year{2032} / 3 / 4}};
    Uuid previous = Uuid::v7(now);
    // More than the twelve bits of the counter hold.
    for (int i = 0; i < 10'000; ++i) {
        const Uuid next = Uuid::v7(now);
        ASSERT_LT(previous, next) << i;
        previous = next;
    }
}

TEST(UuidTest, Version7IsInOrderWhenTheClockStepsBackALittle)
{
    const Timestamp now{sys_days{std::chrono::year{2033} / 3 / 4}};
    const Uuid before = Uuid::v7(now);
    const Uuid after = Uuid::v7(now - 250ms);
    EXPECT_LT(before, after);
    EXPECT_LT(after, Uuid::v7(now));
}

TEST(UuidTest, Version7FollowsAClockThatIsSetBackFar)
{
    const Timestamp now{sys_days{std::chrono::year{2034} / 3 / 4}};
    const Uuid ahead = Uuid::v7(now);
    EXPECT_LT(Uuid::v7(now - 24h), ahead);
}

TEST(UuidTest, Version7IsUniqueAndInOrderAcrossThreads)
{
    constexpr std::size_t threads = 4;
    constexpr std::size_t each = 5'000;
    const Timestamp now{sys_days{std::chrono::year{2035} / 3 / 4}};
    std::vector<std::vector<Uuid>> made(threads);
    {
        std::vector<std::jthread> workers;
        for (auto& ids : made) {
            workers.emplace_back([&ids, now] {
                for (std::size_t i = 0; i < each; ++i) {
                    ids.push_back(Uuid::v7(now));
                }
            });
        }
    }
    std::set<Uuid> all;
    for (const auto& ids : made) {
        EXPECT_TRUE(std::ranges::is_sorted(ids));
        all.insert(ids.begin(), ids.end());
    }
    EXPECT_EQ(all.size(), threads * each);
    EXPECT_LT(*all.rbegin(), Uuid::v7(now));
}

TEST(UuidTest, TheLastTwelveDigitsDifferBetweenIds)
{
    const Timestamp now{sys_days{std::chrono::year{2036} / 3 / 4}};
    std::set<std::string> names;
    for (int i = 0; i < 10'000; ++i) {
        names.insert(Uuid::v7(now).str().substr(24));
    }
    EXPECT_EQ(names.size(), 10'000U);
}

TEST(UuidTest, IsAKeyOfHashedContainers)
{
    std::unordered_set<Uuid> ids{*Uuid::parse(canonical)};
    EXPECT_TRUE(ids.contains(*Uuid::parse("urn:uuid:0190b5e2-7c1a-7def-8abc-0123456789ab")));
    EXPECT_FALSE(ids.contains(Uuid{}));
}

TEST(UuidTest, IsNilByDefault)
{
    EXPECT_EQ(Uuid{}.str(), "00000000-0000-0000-0000-000000000000");
}

} // namespace
} // namespace drukbox::wire
