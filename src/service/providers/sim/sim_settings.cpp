#include "service/providers/sim/sim_settings.hpp"

#include <limits>
#include <utility>

namespace drukbox::service::sim {
namespace {

void read_time(const Environment& environment, std::string_view name, std::chrono::milliseconds& value)
{
    constexpr std::int64_t longest = 24LL * 3600 * 1000;
    if (const auto given = environment.integer(name, 0, longest)) {
        value = std::chrono::milliseconds{*given};
    }
}

void read_rate(const Environment& environment, std::string_view name, double& value)
{
    if (const auto given = environment.number(name, 0)) {
        if (*given > 1) {
            throw SettingError(name, "should be a number from 0 to 1, not " + *environment.text(name));
        }
        value = *given;
    }
}

} // namespace

SimSettings SimSettings::load(const Environment& environment, const std::filesystem::path& state_dir,
                              std::string label)
{
    SimSettings settings;
    settings.enabled = environment.flag("SIM_ENABLED")
                           .value_or(environment.text("DEFAULT_HOST_PROVIDER").value_or("") == "sim");
    const auto directory = environment.text("SIM_DIRECTORY");
    settings.directory = directory ? std::filesystem::absolute(*directory) : state_dir / "sim";
    settings.label = std::move(label);
    read_time(environment, "SIM_CREATE_MS", settings.create_time);
    read_time(environment, "SIM_BOOT_MS", settings.boot_time);
    read_time(environment, "SIM_LIST_MS", settings.list_time);
    read_time(environment, "SIM_REMOVE_MS", settings.remove_time);
    read_rate(environment, "SIM_JITTER", settings.jitter);
    read_time(environment, "SIM_VISIBILITY_MS", settings.visibility_time);
    read_rate(environment, "SIM_CREATE_FAILURES", settings.create_failures);
    read_rate(environment, "SIM_BOOT_FAILURES", settings.boot_failures);
    read_rate(environment, "SIM_LIST_FAILURES", settings.list_failures);
    read_rate(environment, "SIM_REMOVE_FAILURES", settings.remove_failures);
    read_rate(environment, "SIM_LOST_ANSWERS", settings.lost_answers);
    if (const auto seed = environment.integer("SIM_SEED", 0)) {
        settings.seed = static_cast<std::uint64_t>(*seed);
    }
    settings.mints_key = environment.flag("SIM_MINTS_KEY").value_or(false);
    settings.replaces_key = environment.flag("SIM_REPLACES_KEY").value_or(false);
    return settings;
}

} // namespace drukbox::service::sim
