#include "http/server/connection_table.hpp"

#include <gtest/gtest.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;

class ConnectionTableTest : public ::testing::Test
{
protected:
    using Entry = ConnectionTable::Entry;

    ~ConnectionTableTest() override
    {
        for (auto* entry : added) {
            table.remove(*entry);
        }
        EXPECT_TRUE(table.empty());
    }

    void add(Entry& entry, const PeerId& peer)
    {
        table.add(entry, peer, now);
        added.push_back(&entry);
        now += 1ms;
    }

    void set(Entry& entry, Standing standing)
    {
        table.set(entry, standing, now);
        now += 1ms;
    }

    static constexpr PeerId alice{1, 1};
    static constexpr PeerId bob{1, 2};
    ConnectionTable table{1s};
    ConnectionTable::Clock::time_point now{1h};
    std::vector<Entry*> added;
    Entry one, two, three;
};

TEST_F(ConnectionTableTest, SendsTheOneAwayThatHasBeenIdleTheLongest)
{
    add(one, alice);
    add(two, bob);
    EXPECT_EQ(table.first_to_go(now), &one);
    set(one, Standing::asking);
    set(one, Standing::idle);
    EXPECT_EQ(table.first_to_go(now), &two);
}

TEST_F(ConnectionTableTest, SendsIdleOnesAwayBeforeThoseThatAreAsking)
{
    add(one, alice);
    add(two, alice);
    set(one, Standing::asking);
    now += 1s;
    EXPECT_EQ(table.first_to_go(now), &two);
    set(two, Standing::asking);
    EXPECT_EQ(table.first_to_go(now), &one);
}

TEST_F(ConnectionTableTest, SparesOneThatHasJustComeWhereOthersAskForLong)
{
    add(one, alice);
    set(one, Standing::asking);
    add(two, alice);
    EXPECT_EQ(table.first_to_go(now), &one);
    now += 1s;
    EXPECT_EQ(table.first_to_go(now), &two);
}

TEST_F(ConnectionTableTest, SparesWhoIsKnown)
{
    add(one, alice);
    set(one, Standing::asking);
    set(one, Standing::known);
    set(one, Standing::idle);
    EXPECT_EQ(table.first_to_go(now), nullptr);
    EXPECT_EQ(table.strangers(alice), 0U);
    EXPECT_EQ(table.size(), 1U);
}

TEST_F(ConnectionTableTest, CountsAndChoosesByPeer)
{
    add(one, alice);
    add(two, bob);
    add(three, bob);
    EXPECT_EQ(table.strangers(alice), 1U);
    EXPECT_EQ(table.strangers(bob), 2U);
    EXPECT_EQ(table.strangers(PeerId{9, 9}), 0U);
    EXPECT_EQ(table.first_to_go(bob, now), &two);
    EXPECT_EQ(table.first_to_go(PeerId{9, 9}, now), nullptr);
}

TEST_F(ConnectionTableTest, CountsWhoLeavesNoMore)
{
    add(one, alice);
    set(one, Standing::leaving);
    set(one, Standing::idle);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.count(Standing::leaving), 1U);
    EXPECT_EQ(table.strangers(alice), 0U);
    EXPECT_EQ(table.first_to_go(now), nullptr);
    EXPECT_FALSE(table.empty());
}

} // namespace
} // namespace drukbox::http
