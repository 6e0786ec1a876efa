#include "http/client/request_queue.hpp"

#include <gtest/gtest.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
constexpr auto never = RequestQueue::no_deadline;
constexpr RequestQueue::TimePoint start{1h};

} // namespace

TEST(RequestQueueTest, AdmitsInTheOrderOfArrival)
{
    RequestQueue queue(3, 0);
    const auto first = queue.enqueue(Lane::brief, never);
    const auto second = queue.enqueue(Lane::lengthy, never);
    const auto third = queue.enqueue(Lane::brief, never);
    EXPECT_EQ(queue.admit(), first);
    EXPECT_EQ(queue.admit(), second);
    EXPECT_EQ(queue.admit(), third);
    EXPECT_EQ(queue.admit(), std::nullopt);
}

TEST(RequestQueueTest, AdmitsNoMoreThanThereAreConnections)
{
    RequestQueue queue(2, 1);
    for (int i = 0; i < 3; ++i) {
        queue.enqueue(Lane::brief, never);
    }
    EXPECT_TRUE(queue.admit());
    EXPECT_TRUE(queue.admit());
    EXPECT_FALSE(queue.admit());
    queue.release(Lane::brief);
    EXPECT_TRUE(queue.admit());
    EXPECT_EQ(queue.in_flight(), 2U);
}

TEST(RequestQueueTest, LengthyRequestsLeaveTheReservedConnectionsAlone)
{
    RequestQueue queue(3, 2);
    queue.enqueue(Lane::lengthy, never);
    const auto waiting = queue.enqueue(Lane::lengthy, never);
    const auto brief = queue.enqueue(Lane::brief, never);
    EXPECT_TRUE(queue.admit());
    EXPECT_EQ(queue.admit(), brief) << "it overtakes the lengthy one that may not start";
    EXPECT_EQ(queue.admit(), std::nullopt);
    queue.release(Lane::lengthy);
    EXPECT_EQ(queue.admit(), waiting);
}

TEST(RequestQueueTest, ExpiresWhatHasWaitedUntilItsDeadlineEarliestFirst)
{
    RequestQueue queue(1, 0);
    queue.enqueue(Lane::brief, never);
    const auto later = queue.enqueue(Lane::brief, start + 2s);
    const auto sooner = queue.enqueue(Lane::lengthy, start + 1s);
    EXPECT_EQ(queue.next_deadline(), start + 1s);
    EXPECT_EQ(queue.expire(start), std::nullopt);
    EXPECT_EQ(queue.expire(start + 2s), sooner);
    EXPECT_EQ(queue.expire(start + 2s), later);
    EXPECT_EQ(queue.expire(start + 2s), std::nullopt);
    EXPECT_EQ(queue.next_deadline(), never);
}

TEST(RequestQueueTest, AnAdmittedRequestNoLongerExpires)
{
    RequestQueue queue(1, 0);
    queue.enqueue(Lane::brief, start);
    EXPECT_TRUE(queue.admit());
    EXPECT_EQ(queue.expire(start + 1s), std::nullopt);
}

TEST(RequestQueueTest, AWithdrawnRequestIsNeitherAdmittedNorExpired)
{
    RequestQueue queue(1, 0);
    const auto ticket = queue.enqueue(Lane::brief, start);
    queue.withdraw(ticket);
    queue.withdraw(ticket);
    EXPECT_EQ(queue.expire(start), std::nullopt);
    EXPECT_EQ(queue.admit(), std::nullopt);
    EXPECT_EQ(queue.in_flight(), 0U);
}

} // namespace drukbox::http
