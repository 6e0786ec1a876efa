#include "local/sandbox_test.hpp"
#include "posix/file.hpp"
#include "service/providers/local/cgroups.hpp"

#include <fstream>

#include <fcntl.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

using service::local::Cgroups;
using service::local::Limits;

/// A directory tree that looks like what the kernel shows. It stands in for version 2, which the machines
/// that this was written on do not mount with controllers; the kernel's own checks are not in it.
class CgroupsTest : public testing::Test
{
protected:
    void make(const std::string& path, const std::string& content)
    {
        std::filesystem::create_directories((tree_.path / path).parent_path());
        std::ofstream{tree_.path / path} << content;
    }

    std::string content(const std::string& path) { return posix::read_file(AT_FDCWD, tree_.path / path); }

    static Limits limits()
    {
        Limits limits;
        limits.memory_mb = 256;
        limits.pids = 100;
        limits.cpus = 1.5;
        return limits;
    }

    TemporaryDirectory tree_;
};

constexpr const char* mounts_v2 = "25 20 0:22 / /cg rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

/// The path below the tree, and the value.
std::vector<std::string> written(const service::local::CgroupPlan& plan, const std::string& root)
{
    std::vector<std::string> lines;
    for (const auto& entry : plan.values) {
        lines.push_back(entry.path.substr(root.size()) + " " + entry.value);
    }
    return lines;
}

TEST_F(CgroupsTest, Version2IsUsedBelowItsRootWhenThatIsWritable)
{
    for (const char* const group : {"cg", "cg/drukbox"}) {
        make(std::string{group} + "/cgroup.subtree_control", "");
        make(std::string{group} + "/cgroup.controllers", "cpuset cpu io memory pids\n");
    }
    make("cg/drukbox/cpu.weight", "");
    const auto cgroups = Cgroups::detect(mounts_v2, "0::/system.slice/drukbox.service\n", tree_.path);
    EXPECT_EQ(cgroups->name(), "cgroup v2");
    const service::local::CgroupPlan plan = cgroups->plan("sb-1", limits());
    EXPECT_THAT(plan.directories, testing::ElementsAre(tree_.path.string() + "/cg/drukbox/sb-1"));
    EXPECT_THAT(written(plan, tree_.path),
                testing::ElementsAre("/cg/drukbox/sb-1/memory.max 268435456",
                                     "/cg/drukbox/sb-1/memory.swap.max 0", "/cg/drukbox/sb-1/pids.max 100",
                                     "/cg/drukbox/sb-1/cpu.weight 100",
                                     "/cg/drukbox/sb-1/cpu.max 150000 100000"));
    EXPECT_EQ(plan.cpu, tree_.path.string() + "/cg/drukbox/sb-1");
    EXPECT_THAT(written(cgroups->plan("sb-1", {}), tree_.path),
                testing::ElementsAre("/cg/drukbox/sb-1/cpu.weight 100"));
    // Of the root group's children, the service's and that of all sandboxes.
    EXPECT_EQ(content("cg/drukbox/cpu.weight"), "50");
}

TEST_F(CgroupsTest, Version2WithDelegationIsUsedBelowTheServicesOwnGroupWhichItLeaves)
{
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may write to the root group, whatever its mode";
    }
    make("cg/cgroup.subtree_control", "");
    std::filesystem::permissions(tree_.path / "cg/cgroup.subtree_control",
                                 std::filesystem::perms::owner_read);
    for (const char* const group : {"cg/own", "cg/own/drukbox"}) {
        make(std::string{group} + "/cgroup.subtree_control", "");
        make(std::string{group} + "/cgroup.controllers", "memory pids\n");
    }
    make("cg/own/service/cgroup.procs", "");
    const auto cgroups = Cgroups::detect(mounts_v2, "0::/own\n", tree_.path);
    EXPECT_EQ(cgroups->name(), "cgroup v2");
    EXPECT_FALSE(cgroups->holds("cpu"));
    EXPECT_TRUE(cgroups->plan("sb-1", limits()).cpu.empty());
    EXPECT_EQ(content("cg/own/service/cgroup.procs"), "0");
    EXPECT_THAT(cgroups->plan("sb-1", limits()).directories,
                testing::ElementsAre(tree_.path.string() + "/cg/own/drukbox/sb-1"));
}

TEST_F(CgroupsTest, Version2WithoutAWritableGroupIsNotUsed)
{
    const auto cgroups = Cgroups::detect(mounts_v2, "0::/user.slice\n", tree_.path);
    EXPECT_EQ(cgroups->name(), "no cgroup");
    EXPECT_FALSE(cgroups->holds("memory"));
    EXPECT_TRUE(cgroups->plan("sb-1", limits()).directories.empty());
}

constexpr const char* mounts_v1 = "30 20 0:25 / /cg/memory rw - cgroup cgroup rw,memory\n"
                                  "31 20 0:26 /docker/abc /cg/pids rw - cgroup cgroup rw,pids\n"
                                  "32 20 0:27 / /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";
constexpr const char* own_v1 = "4:memory:/service\n3:pids:/docker/abc/service\n2:cpu,cpuacct:/\n";

TEST_F(CgroupsTest, Version1HasAGroupInEveryHierarchyBelowTheServicesOwn)
{
    for (const char* const path : {"cg/memory/service", "cg/pids/service", "cg/cpu,cpuacct"}) {
        std::filesystem::create_directories(tree_.path / path);
    }
    make("cg/cpu,cpuacct/drukbox/cpu.shares", "");
    const auto cgroups = Cgroups::detect(mounts_v1, own_v1, tree_.path);
    EXPECT_EQ(cgroups->name(), "cgroup v1");
    const std::string root = tree_.path;
    EXPECT_THAT(cgroups->plan("sb-1", limits()).directories,
                testing::UnorderedElementsAre(root + "/cg/memory/service/drukbox/sb-1",
                                              root + "/cg/pids/service/drukbox/sb-1",
                                              root + "/cg/cpu,cpuacct/drukbox/sb-1"));
    EXPECT_EQ(content("cg/cpu,cpuacct/drukbox/cpu.shares"), "512");
    const service::local::CgroupPlan unlimited = cgroups->plan("sb-1", {});
    EXPECT_EQ(unlimited.cpu, root + "/cg/cpu,cpuacct/drukbox/sb-1");
    EXPECT_THAT(unlimited.directories, testing::ElementsAre(unlimited.cpu));
    EXPECT_THAT(written(unlimited, root),
                testing::ElementsAre("/cg/cpu,cpuacct/drukbox/sb-1/cpu.shares 1024"));
}

TEST_F(CgroupsTest, Version1WithoutWritePermissionIsNotUsed)
{
    EXPECT_EQ(Cgroups::detect(mounts_v1, own_v1, tree_.path)->name(), "no cgroup");
}

TEST_F(CgroupsTest, SessionsShareWhereTheKernelDoesSo)
{
    std::filesystem::create_directories(tree_.path / "cg/cpu,cpuacct");
    make("cg/cpu,cpuacct/release_agent", "");
    EXPECT_FALSE(Cgroups::detect(mounts_v1, own_v1, tree_.path)->sessions_share());
    make("proc/sys/kernel/sched_autogroup_enabled", "0\n");
    EXPECT_FALSE(Cgroups::detect(mounts_v1, own_v1, tree_.path)->sessions_share());
    make("proc/sys/kernel/sched_autogroup_enabled", "1\n");
    EXPECT_TRUE(Cgroups::detect(mounts_v1, own_v1, tree_.path)->sessions_share());
    EXPECT_TRUE(Cgroups::detect(mounts_v2, "0::/user.slice/one\n", tree_.path)->sessions_share());
}

TEST_F(CgroupsTest, SessionsShareOnlyOutsideOfCpuGroups)
{
    make("proc/sys/kernel/sched_autogroup_enabled", "1\n");
    std::filesystem::create_directories(tree_.path / "cg/cpu,cpuacct");
    EXPECT_FALSE(Cgroups::detect(mounts_v1, "2:cpu,cpuacct:/service\n", tree_.path)->sessions_share());
    // A container that takes its own group for the root.
    EXPECT_FALSE(Cgroups::detect(mounts_v1, own_v1, tree_.path)->sessions_share());

    make("cg/cgroup.controllers", "cpu memory pids\n");
    EXPECT_TRUE(Cgroups::detect(mounts_v2, "0::/\n", tree_.path)->sessions_share());
    make("cg/user.slice/cgroup.controllers", "memory pids\n");
    EXPECT_TRUE(Cgroups::detect(mounts_v2, "0::/user.slice/one\n", tree_.path)->sessions_share());
    make("cg/user.slice/cgroup.controllers", "cpu memory pids\n");
    EXPECT_FALSE(Cgroups::detect(mounts_v2, "0::/user.slice/one\n", tree_.path)->sessions_share());
    make("cg/cgroup.type", "domain\n");
    EXPECT_FALSE(Cgroups::detect(mounts_v2, "0::/\n", tree_.path)->sessions_share());
}

/// What a sandbox's group really has, on a machine with version 1.
TEST_F(SandboxTest, TheLimitsAreThoseOfTheSettings)
{
    settings_.memory_mb = 300;
    settings_.pids = 77;
    settings_.cpus = 0.5;
    restart_service();
    const service::Vm vm = create();
    EXPECT_EQ(ssh(vm, {"ulimit -u"}).out, "77\n");
    const std::vector<std::string> groups = cgroups(vm.name);
    if (groups.empty()) {
        GTEST_SKIP() << "no cgroup can be made here";
    }
    for (const std::string& group : groups) {
        const auto holds = [&](const char* file, const std::string& value) {
            if (std::filesystem::exists(group + "/" + file)) {
                EXPECT_EQ(posix::read_file(AT_FDCWD, group + "/" + file), value) << group << "/" << file;
            }
        };
        holds("memory.limit_in_bytes", std::to_string(300 << 20) + "\n");
        holds("memory.max", std::to_string(300 << 20) + "\n");
        holds("pids.max", "77\n");
        holds("cpu.cfs_quota_us", "50000\n");
        holds("cpu.max", "50000 100000\n");
        const std::string members = posix::read_file(AT_FDCWD, group + "/cgroup.procs");
        EXPECT_THAT(members, testing::Not(testing::HasSubstr(std::to_string(keeper_pid(vm.name)) + "\n")));
        EXPECT_FALSE(members.empty());
    }
}

} // namespace
} // namespace drukbox::test
