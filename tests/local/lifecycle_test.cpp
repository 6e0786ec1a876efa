#include "local/sandbox_test.hpp"

#include <algorithm>

namespace drukbox::test {
namespace {

TEST_F(SandboxTest, ACommandRunsOverSshWithItsExitCode)
{
    const service::Vm vm = create();
    const Outcome outcome = ssh(vm, {"echo out; echo err >&2; id -un; hostname; pwd; exit 7"});
    EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
    EXPECT_EQ(outcome.out, "out\nsandbox\n" + vm.name + "\n/home/sandbox\n");
    EXPECT_EQ(outcome.err, "err\n");
}

TEST_F(SandboxTest, RemoveLeavesNothing)
{
    const service::Vm vm = create();
    const int keeper = keeper_pid(vm.name);
    ASSERT_NE(keeper, 0);
    const std::vector<int> processes = process_tree(keeper);
    EXPECT_GE(processes.size(), 3U);

    remove(vm.name);
    EXPECT_EQ(std::count_if(processes.begin(), processes.end(), process_exists), 0);
    EXPECT_FALSE(std::filesystem::exists(directory(vm.name)));
    EXPECT_TRUE(list().empty());
    EXPECT_NE(ssh(vm, {"true"}).exit_code, 0);
}

} // namespace
} // namespace drukbox::test
