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

    /// The directories of the groups that a sandbox gets, for whoever removes them.
    [[nodiscard]] virtual std::vector<std::string> directories(const std::string& sandbox,
                                                               const Limits& limits) const = 0;

    /// Makes them. Throws std::system_error; some of them may exist then.
    virtual void create(const std::string& sandbox, const Limits& limits) const = 0;

    /// Finds out what there is. The arguments are the contents of /proc/self/mountinfo and /proc/self/cgroup;
    /// `prefix` stands before every mount point.
    [[nodiscard]] static std::unique_ptr<Cgroups> detect(const std::string& mountinfo, const std::string& own,
                                                         const std::string& prefix = {});

    /// Of this process.
    [[nodiscard]] static std::unique_ptr<Cgroups> detect();
};

} // namespace drukbox::service::local
