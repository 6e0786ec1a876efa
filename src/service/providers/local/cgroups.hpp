#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace drukbox::service::local {

class Limits
{
public:
    std::uint64_t memory_mb = 0; ///< 0: no limit, as for the others.
    std::uint64_t pids = 0;
    double cpus = 0;
};

/// What a sandbox's groups are and what is written into them.
class CgroupPlan
{
public:
    class Value
    {
    public:
        Value() = default;

        std::string path;
        std::string value;
        bool optional = false; ///< Absent on some kernels.
    };

    CgroupPlan() = default;

    std::vector<std::string> directories; ///< For whoever removes them.
    std::string cpu;                      ///< The one of them by which processors are shared; empty: none.
    std::vector<Value> values;

    void set(std::string path, std::string value, bool optional = false);

    /// Makes the groups. Throws std::system_error; some of them may exist then.
    void carry_out() const;
};

/// The kernel's control groups, as far as this process may make some.
class Cgroups
{
public:
    Cgroups() = default;
    Cgroups(const Cgroups&) = delete;
    Cgroups& operator=(const Cgroups&) = delete;
    virtual ~Cgroups() = default;

    /// For messages: `cgroup v1`, `cgroup v2`, `no cgroup`.
    [[nodiscard]] virtual std::string name() const = 0;

    /// Which of memory, pids and cpu can be limited here.
    [[nodiscard]] virtual bool holds(const std::string& controller) const = 0;

    /// A group in every hierarchy that is needed: that for cpu always, with the same weight for every
    /// sandbox. Touches nothing.
    [[nodiscard]] virtual CgroupPlan plan(const std::string& sandbox, const Limits& limits) const = 0;

    /// Whether the kernel shares the processors between sessions where no cpu group says otherwise
    /// (autogroup): a priority then counts against those of the same session only.
    [[nodiscard]] bool sessions_share() const noexcept { return sessions_share_; }

    /// Finds out what there is. The arguments are the contents of /proc/self/mountinfo and /proc/self/cgroup;
    /// `prefix` stands before every mount point.
    [[nodiscard]] static std::unique_ptr<Cgroups> detect(const std::string& mountinfo, const std::string& own,
                                                         const std::string& prefix = {});

    /// Of this process.
    [[nodiscard]] static std::unique_ptr<Cgroups> detect();

private:
    bool sessions_share_ = false;
};

} // namespace drukbox::service::local
