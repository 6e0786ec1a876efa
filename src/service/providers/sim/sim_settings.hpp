#pragma once

#include "service/environment/environment.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace drukbox::service::sim {

/// The simulated provider's settings, each from the environment variable named beside it. Times are in
/// milliseconds, rates from 0 (never) to 1 (always).
class SimSettings
{
public:
    SimSettings() = default;

    /// `SIM_ENABLED`: there is a provider `sim`. Also when `DEFAULT_HOST_PROVIDER` is `sim`.
    bool enabled = false;
    /// `SIM_DIRECTORY`, default `STATE_DIR`/sim: the simulated cloud. Services that share it share a cloud.
    std::filesystem::path directory;
    std::string label;        ///< `SERVICE_LABEL`: the machines of other labels are somebody else's.
    std::string installation; ///< The id that marks our machines; empty: no mark.

    std::chrono::milliseconds create_time{0};     ///< `SIM_CREATE_MS`: until a create is answered.
    std::chrono::milliseconds boot_time{0};       ///< `SIM_BOOT_MS`: from then until SSH answers.
    std::chrono::milliseconds list_time{0};       ///< `SIM_LIST_MS`.
    std::chrono::milliseconds remove_time{0};     ///< `SIM_REMOVE_MS`.
    double jitter = 0;                            ///< `SIM_JITTER`: by which share each of these varies.
    std::chrono::milliseconds visibility_time{0}; ///< `SIM_VISIBILITY_MS`: for up to this long after it was
                                                  ///< made, a machine is neither listed nor removed.

    double create_failures = 0; ///< `SIM_CREATE_FAILURES`: refused, and no machine is made.
    double boot_failures = 0;   ///< `SIM_BOOT_FAILURES`: SSH never answers.
    double list_failures = 0;   ///< `SIM_LIST_FAILURES`.
    double remove_failures = 0; ///< `SIM_REMOVE_FAILURES`: refused, and the machine stays.
    double lost_answers = 0;    ///< `SIM_LOST_ANSWERS`: a create or remove is done, but reported as failed.

    std::uint64_t seed = 1; ///< `SIM_SEED`: of all that is drawn.
    bool mints_key = false; ///< `SIM_MINTS_KEY`: hosts come with a private key.
    /// `SIM_REPLACES_KEY`: the key of a machine can be replaced, so that a warm one gets another when it is
    /// claimed.
    bool replaces_key = false;

    /// Throws SettingError.
    [[nodiscard]] static SimSettings load(const Environment& environment,
                                          const std::filesystem::path& state_dir, std::string label);
};

} // namespace drukbox::service::sim
