#include "service/store/watchdog.hpp"

#include <gtest/gtest.h>

#include <array>

#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

TEST(WatchdogTest, EndsAConnectionThatIsSilentForTooLong)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    Watchdog watchdog{std::chrono::milliseconds{4}};
    {
        const Watchdog::Guard guard{watchdog, ends[0]};
        char byte = 0;
        EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "the wait did not end";
    }
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(WatchdogTest, LeavesAloneWhatIsNoLongerWatched)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    std::array<int, 2> others{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, others.data()), 0);
    Watchdog watchdog{std::chrono::milliseconds{4}};
    {
        const Watchdog::Guard guard{watchdog, ends[0]};
    }
    // By the time the other one is ended, this one would have been.
    const Watchdog::Guard guard{watchdog, others[0]};
    char byte = 0;
    EXPECT_EQ(::read(others[0], &byte, 1), 0);
    EXPECT_EQ(::write(ends[0], "x", 1), 1);
    EXPECT_EQ(::read(ends[1], &byte, 1), 1);
    for (const int end : {ends[0], ends[1], others[0], others[1]}) {
        ::close(end);
    }
}

} // namespace
} // namespace drukbox::service
