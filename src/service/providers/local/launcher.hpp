#pragma once

#include "service/providers/local/cgroups.hpp"
#include "service/providers/local/keeper_process.hpp"
#include "service/providers/local/local_settings.hpp"
#include "service/providers/local/programs.hpp"
#include "service/providers/local/sandbox_uids.hpp"
#include "service/providers/provider.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace drukbox::service::local {

/// The blocking half of the provider: turns what a machine is to be into a directory and a running keeper.
/// Thread safe.
class Launcher
{
public:
    explicit Launcher(LocalSettings settings);

    /// Throws ProviderError, having left nothing.
    [[nodiscard]] KeeperProcess launch(const VmSpec& spec);

    [[nodiscard]] Diagnosis diagnose();

    /// What is missing or does not hold here, a sentence each.
    [[nodiscard]] std::vector<std::string> warnings();

    [[nodiscard]] const std::filesystem::path& sandboxes() const noexcept { return sandboxes_; }

    [[nodiscard]] const LocalSettings& settings() const noexcept { return settings_; }

private:
    [[nodiscard]] KeeperProcess launch_unchecked(const VmSpec& spec, const Programs& programs);
    [[nodiscard]] Programs find_programs();
    [[nodiscard]] const Cgroups& cgroups();
    [[nodiscard]] const std::string& seccomp_filter();
    [[nodiscard]] Limits limits() const;
    [[nodiscard]] std::string describe_limits(const keeper::Config& user);
    [[nodiscard]] std::string describe_sharing();

    LocalSettings settings_;
    std::filesystem::path sandboxes_;
    bool root_;
    SandboxUids uids_;
    std::atomic<bool> bwrap_binds_descriptors_ = false; ///< Known for as long as this lives, once it is so.
    std::once_flag cgroups_once_;
    std::unique_ptr<Cgroups> cgroups_;
    std::once_flag filter_once_;
    std::string filter_;
};

} // namespace drukbox::service::local
