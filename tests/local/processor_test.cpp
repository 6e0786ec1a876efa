#include "local/sandbox_test.hpp"
#include "posix/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

std::string content(const std::string& path)
{
    return posix::read_file(AT_FDCWD, path);
}

/// Of a cgroup, by version 1 or 2.
int weight(const std::string& group)
{
    const bool first = std::filesystem::exists(group + "/cpu.shares");
    return std::stoi(content(group + (first ? "/cpu.shares" : "/cpu.weight")));
}

int usual_weight(const std::string& group)
{
    return std::filesystem::exists(group + "/cpu.shares") ? 1024 : 100;
}

std::set<int> members(const std::string& group)
{
    std::set<int> pids;
    std::istringstream text{content(group + "/cgroup.procs")};
    for (int pid = 0; text >> pid;) {
        pids.insert(pid);
    }
    return pids;
}

bool is_running(int pid)
{
    return process_state(pid) == "R";
}

/// Of each process that is still there: a login that has just ended may be on its way out.
std::map<int, int> priorities(const std::vector<int>& pids)
{
    std::map<int, int> found;
    for (const int pid : pids) {
        errno = 0;
        const int priority = ::getpriority(PRIO_PROCESS, static_cast<id_t>(pid));
        if (errno != ESRCH) {
            found[pid] = priority;
        }
    }
    return found;
}

/// A sandbox that takes all that it can get of the processors, and one beside it. How they are kept apart
/// differs from machine to machine; how long anything takes is for script/bench-neighbour to say.
class ProcessorTest : public SandboxTest
{
protected:
    ProcessorTest()
    {
        settings_.pids = 512;
        restart_service();
        busy_ = create();
        neighbour_ = create();
        const Outcome put = ssh(busy_, {"cat > attacker && chmod 755 attacker"}, attacker_program());
        EXPECT_EQ(put.exit_code, 0) << put.err;
    }

    /// Everything of the sandbox but the keeper; the relay is the only one of them outside.
    std::vector<int> governed(const service::Vm& vm)
    {
        std::vector<int> pids = process_tree(keeper_pid(vm.name));
        pids.erase(pids.begin());
        EXPECT_GE(pids.size(), 3U);
        return pids;
    }

    void run_loops(int count)
    {
        EXPECT_EQ(ssh(busy_, {"./attacker loops " + std::to_string(count)}).out,
                  "loops " + std::to_string(count) + "\n");
        const std::vector<int> pids = governed(busy_);
        EXPECT_GE(std::count_if(pids.begin(), pids.end(), &is_running), count);
    }

    service::Vm busy_;
    service::Vm neighbour_;
};

TEST_F(ProcessorTest, EverySandboxHasAGroupOfTheSameWeight)
{
    const std::string group = cpu_group(busy_.name);
    const std::string other = cpu_group(neighbour_.name);
    if (const char* const delegated = std::getenv("DRUKBOX_TEST_CPU_GROUP")) {
        EXPECT_THAT(group, testing::StartsWith(delegated));
    }
    if (group.empty()) {
        GTEST_SKIP() << "no cpu cgroup can be made here";
    }
    EXPECT_NE(group, other);
    EXPECT_EQ(weight(group), usual_weight(group));
    EXPECT_EQ(weight(other), usual_weight(other));
    // The service is beside the group of all sandboxes, and that one has less than a group usually has.
    const std::string all = std::filesystem::path{group}.parent_path();
    EXPECT_EQ(std::filesystem::path{other}.parent_path(), all);
    EXPECT_LT(weight(all), usual_weight(all));
    EXPECT_FALSE(members(all).contains(::getpid()));

    run_loops(400);
    for (const service::Vm& vm : {busy_, neighbour_}) {
        // A login that has just ended may still be among its processes, in no group any more.
        EXPECT_TRUE(eventually([&] {
            const std::vector<int> pids = governed(vm);
            const std::set<int> inside = members(cpu_group(vm.name));
            return std::all_of(pids.begin(), pids.end(), [&](int pid) { return inside.contains(pid); });
        }));
        EXPECT_FALSE(members(cpu_group(vm.name)).contains(keeper_pid(vm.name)));
    }

    EXPECT_EQ(ssh(neighbour_, {"echo works"}).out, "works\n");
    const service::Vm another = create();
    EXPECT_EQ(ssh(another, {"echo works"}).out, "works\n");
    remove(busy_.name);
    EXPECT_FALSE(std::filesystem::exists(group));
}

TEST_F(ProcessorTest, WithoutAGroupSandboxesComeAfterTheService)
{
    if (!cpu_group(busy_.name).empty()) {
        GTEST_SKIP() << "cpu cgroups can be made here";
    }
    run_loops(40);
    for (const service::Vm& vm : {busy_, neighbour_}) {
        EXPECT_EQ(::getpriority(PRIO_PROCESS, static_cast<id_t>(keeper_pid(vm.name))),
                  ::getpriority(PRIO_PROCESS, 0));
        for (const auto& [pid, priority] : priorities(governed(vm))) {
            EXPECT_EQ(priority, 19) << process_name(pid);
        }
    }
    EXPECT_THAT(run(provider_->diagnose()).detail,
                testing::HasSubstr("all have a lower priority than the service"));
    remove(busy_.name);
}

TEST_F(ProcessorTest, NothingInsideCanRaiseItsPriority)
{
    std::istringstream results{ssh(busy_, {"./attacker raise-priority"}).out};
    std::map<std::string, std::string> refused;
    for (std::string name, result; results >> name >> result;) {
        refused[name] = result;
    }
    EXPECT_EQ(refused, (std::map<std::string, std::string>{{"nice", "EACCES"},
                                                           {"limit-nice", "EPERM"},
                                                           {"limit-rtprio", "EPERM"},
                                                           {"fifo", "EPERM"},
                                                           {"rr", "EPERM"},
                                                           {"session", "EPERM"},
                                                           {"idle", "ok"},
                                                           {"not-idle", "EPERM"}}));
}

/// Only root can have one that is above the usual.
TEST_F(ProcessorTest, APriorityOfTheServiceIsNotHandedOn)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "for root";
    }
    const auto set_own = [](int priority) {
        for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
            const int id = std::stoi(thread.path().filename());
            EXPECT_EQ(::setpriority(PRIO_PROCESS, static_cast<id_t>(id), priority), 0);
        }
    };
    set_own(-5);
    const service::Vm vm = create();
    set_own(0);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, static_cast<id_t>(keeper_pid(vm.name))), -5);
    for (const auto& [pid, priority] : priorities(governed(vm))) {
        EXPECT_GE(priority, 0) << process_name(pid);
    }
}

} // namespace
} // namespace drukbox::test
