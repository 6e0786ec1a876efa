#include "cli/expect_failure.hpp"
#include "cli/interrupts.hpp"
#include "cli/process.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace drukbox::cli {
namespace {

TEST(RunProgramTest, NamesAProgramThatIsNotThere)
{
    Interrupts interrupts;
    const Failure failure = failure_of([&] { (void)run_program({"drukbox-no-such-program"}, interrupts); });
    EXPECT_NE(std::string(failure.what()).find("drukbox-no-such-program"), std::string::npos);
}

TEST(RunProgramTest, PassesTheExitCodeOn)
{
    Interrupts interrupts;
    EXPECT_EQ(run_program({"sh", "-c", "exit 42"}, interrupts), 42);
    EXPECT_EQ(run_program({"sh", "-c", "kill -9 $$"}, interrupts), 128 + SIGKILL);
}

TEST(RunProgramTest, GivesTheChildTheCallersSignalMask)
{
    Interrupts interrupts;
    EXPECT_EQ(
        run_program({"sh", "-c", "grep -q '^SigBlk:\t0000000000000000$' /proc/self/status"}, interrupts), 0);
}

TEST(RunProgramTest, PassesASignalOnAndRemembersIt)
{
    Interrupts interrupts;
    // The child asks for the signal itself once its trap is set, so that nothing is timed.
    EXPECT_EQ(run_program({"sh", "-c", "trap 'exit 7' TERM; kill -TERM $PPID; while :; do sleep 0.05; done"},
                          interrupts),
              7);
    EXPECT_EQ(interrupts.received(), SIGTERM);
}

TEST(InterruptsTest, NotesTheFirstSignalOnly)
{
    Interrupts interrupts;
    EXPECT_EQ(interrupts.received(), 0);
    ::kill(::getpid(), SIGHUP);
    EXPECT_EQ(interrupts.received(), SIGHUP);
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ(interrupts.received(), SIGHUP);
}

} // namespace
} // namespace drukbox::cli
