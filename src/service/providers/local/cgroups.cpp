#include "service/providers/local/cgroups.hpp"

#include "posix/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

constexpr std::uint64_t cpu_period_us = 100'000;

/// What the kernel gives every group by itself. All sandboxes together have half of it, so that the service,
/// with a thread or a group of its own beside theirs, has more than all of them.
constexpr unsigned usual_shares = 1024; // version 1
constexpr unsigned usual_weight = 100;  // version 2

std::string cpu_quota(double cpus)
{
    // The kernel takes nothing below a millisecond.
    return std::to_string(std::max(1000LL, std::llround(cpus * cpu_period_us)));
}

bool contains_word(const std::string& list, const std::string& word)
{
    std::string words = list;
    std::replace(words.begin(), words.end(), ',', ' ');
    std::istringstream stream{words};
    for (std::string item; stream >> item;) {
        if (item == word) {
            return true;
        }
    }
    return false;
}

/// Makes it or finds it; false where this process may not.
bool ensure_directory(const std::string& path)
{
    return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

bool writable(const std::string& path)
{
    return ::access(path.c_str(), W_OK) == 0;
}

bool wanted(const std::string& controller, const Limits& limits)
{
    return (controller == "memory" && limits.memory_mb != 0) || (controller == "pids" && limits.pids != 0) ||
           controller == "cpu";
}

/// Where this process may: a group that was handed to it can come with a weight that is not its to change.
void write_where_allowed(const std::string& path, unsigned value)
{
    if (writable(path)) {
        posix::write_existing(AT_FDCWD, path, std::to_string(value));
    }
}

class NoCgroups final : public Cgroups
{
public:
    [[nodiscard]] std::string name() const override { return "no cgroup"; }

    [[nodiscard]] bool holds(const std::string&) const override { return false; }

    [[nodiscard]] CgroupPlan plan(const std::string&, const Limits&) const override { return {}; }
};

/// Version 1: a hierarchy a controller, each with a group `drukbox` below the service's own.
class CgroupsV1 final : public Cgroups
{
public:
    explicit CgroupsV1(std::map<std::string, std::string> bases)
        : bases_(std::move(bases))
    {
    }

    [[nodiscard]] std::string name() const override { return "cgroup v1"; }

    [[nodiscard]] bool holds(const std::string& controller) const override
    {
        return bases_.contains(controller);
    }

    [[nodiscard]] CgroupPlan plan(const std::string& sandbox, const Limits& limits) const override
    {
        CgroupPlan plan;
        for (const auto& [controller, base] : bases_) {
            if (!wanted(controller, limits)) {
                continue;
            }
            const std::string path = base + "/" + sandbox;
            // Two controllers may share a hierarchy.
            if (std::find(plan.directories.begin(), plan.directories.end(), path) == plan.directories.end()) {
                plan.directories.push_back(path);
            }
            if (controller == "memory") {
                plan.set(path + "/memory.limit_in_bytes", std::to_string(limits.memory_mb << 20U));
                plan.set(path + "/memory.memsw.limit_in_bytes", std::to_string(limits.memory_mb << 20U),
                         true);
            } else if (controller == "pids") {
                plan.set(path + "/pids.max", std::to_string(limits.pids));
            } else {
                plan.cpu = path;
                plan.set(path + "/cpu.shares", std::to_string(usual_shares));
                if (limits.cpus > 0) {
                    plan.set(path + "/cpu.cfs_period_us", std::to_string(cpu_period_us));
                    plan.set(path + "/cpu.cfs_quota_us", cpu_quota(limits.cpus));
                }
            }
        }
        return plan;
    }

private:
    std::map<std::string, std::string> bases_; // controller to the directory of our groups
};

/// Version 2: one hierarchy. A group with processes cannot limit its children, so ours are not below the
/// service's own but, for root, below the root, and else below a group that was delegated to us.
class CgroupsV2 final : public Cgroups
{
public:
    CgroupsV2(std::string base, std::set<std::string> controllers)
        : base_(std::move(base))
        , controllers_(std::move(controllers))
    {
    }

    [[nodiscard]] std::string name() const override { return "cgroup v2"; }

    [[nodiscard]] bool holds(const std::string& controller) const override
    {
        return controllers_.contains(controller);
    }

    [[nodiscard]] CgroupPlan plan(const std::string& sandbox, const Limits& limits) const override
    {
        CgroupPlan plan;
        const std::string path = base_ + "/" + sandbox;
        plan.directories = {path};
        if (wanted("memory", limits) && holds("memory")) {
            plan.set(path + "/memory.max", std::to_string(limits.memory_mb << 20U));
            plan.set(path + "/memory.swap.max", "0", true);
        }
        if (wanted("pids", limits) && holds("pids")) {
            plan.set(path + "/pids.max", std::to_string(limits.pids));
        }
        if (wanted("cpu", limits) && holds("cpu")) {
            plan.cpu = path;
            plan.set(path + "/cpu.weight", std::to_string(usual_weight));
            if (limits.cpus > 0) {
                plan.set(path + "/cpu.max", cpu_quota(limits.cpus) + " " + std::to_string(cpu_period_us));
            }
        }
        return plan;
    }

private:
    std::string base_;
    std::set<std::string> controllers_;
};

class Mount
{
public:
    Mount() = default;

    std::string root; ///< What of the hierarchy is mounted.
    std::string point;
    std::string type;
    std::string options; ///< Of the super block: the controllers of a v1 hierarchy.
};

std::vector<Mount> cgroup_mounts(const std::string& mountinfo)
{
    std::vector<Mount> mounts;
    std::istringstream lines{mountinfo};
    for (std::string line; std::getline(lines, line);) {
        // id parent major:minor root point options [tags…] - type source super-options
        std::istringstream words{line};
        std::string skipped;
        Mount mount;
        words >> skipped >> skipped >> skipped >> mount.root >> mount.point;
        while (words >> skipped && skipped != "-") {
        }
        words >> mount.type >> skipped >> mount.options;
        if (mount.type == "cgroup" || mount.type == "cgroup2") {
            mounts.push_back(mount);
        }
    }
    return mounts;
}

/// This process's group in the hierarchy with this controller (v2: the empty one), as the mount shows it.
std::string own_group(const std::string& own, const std::string& controller, const Mount& mount)
{
    std::istringstream lines{own};
    for (std::string line; std::getline(lines, line);) {
        // number:controllers:path
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? !controllers.empty() : !contains_word(controllers, controller)) {
            continue;
        }
        std::string path = line.substr(second + 1);
        if (mount.root != "/" && path.starts_with(mount.root)) {
            path.erase(0, mount.root.size());
        }
        return path == "/" ? "" : path;
    }
    return {};
}

std::unique_ptr<Cgroups> detect_v1(const std::vector<Mount>& mounts, const std::string& own,
                                   const std::string& prefix)
{
    std::map<std::string, std::string> bases;
    for (const char* const controller : {"memory", "pids", "cpu"}) {
        for (const Mount& mount : mounts) {
            if (mount.type != "cgroup" || !contains_word(mount.options, controller)) {
                continue;
            }
            const std::string base = prefix + mount.point + own_group(own, controller, mount) + "/drukbox";
            if (ensure_directory(base) && writable(base)) {
                bases[controller] = base;
                write_where_allowed(base + "/cpu.shares", usual_shares / 2);
            }
        }
    }
    return bases.empty() ? nullptr : std::make_unique<CgroupsV1>(std::move(bases));
}

bool exists(const std::string& path)
{
    return ::access(path.c_str(), F_OK) == 0;
}

bool has_cpu(const std::string& group)
{
    return exists(group + "/cgroup.controllers") &&
           contains_word(posix::read_file(AT_FDCWD, group + "/cgroup.controllers"), "cpu");
}

/// Whether the scheduler knows this process's group as one of its own. What is mounted may begin at another
/// group than the root: a file that only the root has (version 1), or has not (version 2), tells.
bool in_a_cpu_group(const std::vector<Mount>& mounts, const std::string& own, const std::string& prefix)
{
    bool found = false;
    for (const Mount& mount : mounts) {
        const std::string root = prefix + mount.point;
        if (mount.type == "cgroup" && contains_word(mount.options, "cpu")) {
            found = found || !exists(root + own_group(own, "cpu", mount) + "/release_agent");
        } else if (mount.type == "cgroup2") {
            const std::string group = own_group(own, {}, mount);
            // What the highest group does not have, none below it has.
            found = found || (exists(root + "/cgroup.type") && has_cpu(root)) ||
                    (!group.empty() && has_cpu(root + group.substr(0, group.find('/', 1))));
        }
    }
    return found;
}

bool autogroup_enabled(const std::string& prefix)
{
    const std::string path = prefix + "/proc/sys/kernel/sched_autogroup_enabled";
    return exists(path) && posix::read_file(AT_FDCWD, path).starts_with('1');
}

/// Asks for the controllers in the children of `group`; returns those that they have.
std::set<std::string> enable_controllers(const std::string& group)
{
    const std::string available = posix::read_file(AT_FDCWD, group + "/cgroup.controllers");
    std::set<std::string> enabled;
    for (const std::string controller : {"memory", "pids", "cpu"}) {
        if (!contains_word(available, controller)) {
            continue;
        }
        posix::write_existing(AT_FDCWD, group + "/cgroup.subtree_control", "+" + controller);
        enabled.insert(controller);
    }
    return enabled;
}

std::unique_ptr<Cgroups> detect_v2(const Mount& mount, const std::string& own, const std::string& prefix)
{
    const std::string root = prefix + mount.point;
    const std::string delegated = root + own_group(own, {}, mount);
    const bool as_root = writable(root + "/cgroup.subtree_control");
    const std::string parent = as_root ? root : delegated;
    if (!writable(parent + "/cgroup.subtree_control")) {
        return nullptr;
    }
    if (!as_root) {
        // Out of the way: see the class.
        const std::string leaf = parent + "/service";
        if (!ensure_directory(leaf)) {
            return nullptr;
        }
        posix::write_existing(AT_FDCWD, leaf + "/cgroup.procs", "0");
    }
    (void)enable_controllers(parent);
    const std::string base = parent + "/drukbox";
    if (!ensure_directory(base)) {
        return nullptr;
    }
    std::set<std::string> controllers = enable_controllers(base);
    if (controllers.empty()) {
        return nullptr;
    }
    write_where_allowed(base + "/cpu.weight", usual_weight / 2);
    return std::make_unique<CgroupsV2>(base, std::move(controllers));
}

} // namespace

void CgroupPlan::set(std::string path, std::string value, bool optional)
{
    Value entry;
    entry.path = std::move(path);
    entry.value = std::move(value);
    entry.optional = optional;
    values.push_back(std::move(entry));
}

void CgroupPlan::carry_out() const
{
    for (const std::string& path : directories) {
        posix::make_directory(AT_FDCWD, path, 0755);
    }
    for (const Value& entry : values) {
        if (!entry.optional || writable(entry.path)) {
            posix::write_existing(AT_FDCWD, entry.path, entry.value);
        }
    }
}

std::unique_ptr<Cgroups> Cgroups::detect(const std::string& mountinfo, const std::string& own,
                                         const std::string& prefix)
{
    const std::vector<Mount> mounts = cgroup_mounts(mountinfo);
    // Before anything is made, and this process perhaps moved.
    const bool sessions_share = autogroup_enabled(prefix) && !in_a_cpu_group(mounts, own, prefix);
    std::unique_ptr<Cgroups> found = detect_v1(mounts, own, prefix);
    for (const Mount& mount : mounts) {
        if (!found && mount.type == "cgroup2") {
            try {
                found = detect_v2(mount, own, prefix);
            } catch (const std::system_error&) {
                continue; // not ours to use, and what does not hold is told by who asks
            }
        }
    }
    if (!found) {
        found = std::make_unique<NoCgroups>();
    }
    found->sessions_share_ = sessions_share;
    return found;
}

std::unique_ptr<Cgroups> Cgroups::detect()
{
    return detect(posix::read_file(AT_FDCWD, "/proc/self/mountinfo"),
                  posix::read_file(AT_FDCWD, "/proc/self/cgroup"));
}

} // namespace drukbox::service::local
