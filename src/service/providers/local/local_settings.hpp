#pragma once

#include "service/environment/environment.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace drukbox::service::local {

enum class Network
{
    none, ///< An empty network namespace: loopback only.
    nat,  ///< Out by slirp4netns; the host's loopback and link-local addresses unreachable.
};

enum class Isolation
{
    strict, ///< A host uid for each sandbox, or no sandbox.
    shared, ///< One for all where there is no other way.
};

/// The local provider's settings, each from the environment variable named beside it.
class LocalSettings
{
public:
    LocalSettings() = default;

    std::filesystem::path state_dir;    ///< `STATE_DIR`/local: one directory a sandbox below `sandboxes/`.
    std::filesystem::path program_dir;  ///< Where drukbox-keeper and drukbox-guest lie.
    std::string default_image = "host"; ///< `LOCAL_DEFAULT_IMAGE`: `host` or the path of a root file system.
    /// `LOCAL_IMAGE_DIRS`: what a request may name as its image lies in one of them. The default image, where
    /// it is a path, is one.
    std::vector<std::filesystem::path> image_dirs;
    std::string ssh_username = "sandbox";    ///< `LOCAL_SSH_USERNAME`.
    Network network = Network::none;         ///< `LOCAL_NETWORK`: none, nat.
    Isolation isolation = Isolation::shared; ///< `LOCAL_ISOLATION`: strict, shared.
    std::vector<std::string>
        dns; ///< `LOCAL_DNS`: name servers for nat, comma separated; empty: this machine's.
    std::uint64_t memory_mb = 2048;         ///< `LOCAL_MEMORY_MB`, 0 = no limit. The tmpfs sizes count in it.
    std::uint64_t pids = 512;               ///< `LOCAL_PIDS`, 0 = no limit.
    double cpus = 0;                        ///< `LOCAL_CPUS`, 0 = no limit.
    std::uint64_t home_mb = 1024;           ///< `LOCAL_HOME_MB`: size of the home directory.
    std::uint64_t tmp_mb = 512;             ///< `LOCAL_TMP_MB`: size of /tmp and of /dev/shm, each.
    std::uint32_t uid_base = 1'870'000'000; ///< `LOCAL_UID_BASE`: as root, the first host uid for sandboxes.
    std::uint32_t uid_count = 65'536;       ///< `LOCAL_UID_COUNT`: how many.
    std::uint32_t ready_timeout_seconds = 30; ///< `LOCAL_BOOTSTRAP_SSH_TIMEOUT_SECONDS`.

    /// Throws SettingError for the first setting that is malformed.
    [[nodiscard]] static LocalSettings load(const Environment& environment,
                                            const std::filesystem::path& service_state_dir);
};

} // namespace drukbox::service::local
