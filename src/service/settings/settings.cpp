#include "service/settings/settings.hpp"

#include <algorithm>
#include <cctype>
#include <ranges>
#include <string_view>

#include <arpa/inet.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

// A hundred years: what is longer is a mistake, and still fits a 64-bit count of microseconds.
constexpr std::int64_t longest_seconds = 100LL * 366 * 24 * 3600;

template <class Duration>
void read(const Environment& environment, std::string_view name, Duration& value, std::int64_t least)
{
    const auto most = std::chrono::duration_cast<Duration>(std::chrono::seconds{longest_seconds}).count();
    if (const auto given = environment.integer(name, least, most)) {
        value = Duration{*given};
    }
}

void read(const Environment& environment, std::string_view name, std::uint64_t& value, std::int64_t least,
          std::int64_t most)
{
    if (const auto given = environment.integer(name, least, most)) {
        value = static_cast<std::uint64_t>(*given);
    }
}

void read(const Environment& environment, std::string_view name, std::uint32_t& value, std::int64_t least,
          std::int64_t most)
{
    if (const auto given = environment.integer(name, least, most)) {
        value = static_cast<std::uint32_t>(*given);
    }
}

/// The user's state directory by the XDG rules; for a daemon that has no home, the system's.
std::filesystem::path default_state_dir(const Environment& environment)
{
    if (const auto base = environment.text("XDG_STATE_HOME"); base && base->starts_with('/')) {
        return std::filesystem::path{*base} / "drukbox";
    }
    if (const auto home = environment.text("HOME"); home && home->starts_with('/')) {
        return std::filesystem::path{*home} / ".local" / "state" / "drukbox";
    }
    if (::geteuid() == 0) {
        return "/var/lib/drukbox";
    }
    throw SettingError("STATE_DIR", "should be set to an absolute path, since HOME is not set");
}

/// The parts between commas, trimmed, blank ones dropped.
std::vector<std::string> split_list(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    std::vector<std::string> list;
    for (const auto part : std::views::split(text, ',')) {
        std::string_view token{part.begin(), part.end()};
        const auto first = token.find_first_not_of(blanks);
        if (first != std::string_view::npos) {
            token = token.substr(first, token.find_last_not_of(blanks) - first + 1);
            list.emplace_back(token);
        }
    }
    return list;
}

std::vector<std::string> name_servers(const std::string& text)
{
    std::vector<std::string> servers = split_list(text);
    for (const std::string& server : servers) {
        in_addr parsed{};
        if (::inet_pton(AF_INET, server.c_str(), &parsed) != 1) {
            throw SettingError("LOCAL_DNS",
                               "should be IPv4 addresses separated by commas, not '" + text + "'");
        }
    }
    return servers;
}

/// Tailscale stays off: enabled, it would have to be there.
void check_tailscale(const Environment& environment)
{
    if (environment.flag("TAILSCALE_ENABLED").value_or(false)) {
        throw SettingError("TAILSCALE_ENABLED", "should be false: this version has no Tailscale support");
    }
}

local::LocalSettings load_local(const Environment& environment, const Settings& settings)
{
    local::LocalSettings result;
    result.state_dir = settings.state_dir / "local";
    if (const auto image = environment.text("LOCAL_DEFAULT_IMAGE")) {
        result.default_image = *image;
    }
    if (const auto user = environment.text("LOCAL_SSH_USERNAME")) {
        const auto fits = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        };
        if (user->size() > 32 || !std::ranges::all_of(*user, fits) ||
            (user->front() >= '0' && user->front() <= '9') || user->front() == '-' || *user == "root") {
            throw SettingError("LOCAL_SSH_USERNAME",
                               "should be a user name of a-z, 0-9, _ and -, not '" + *user + "'");
        }
        result.ssh_username = *user;
    }
    if (const auto network = environment.text("LOCAL_NETWORK")) {
        if (*network != "none" && *network != "nat") {
            throw SettingError("LOCAL_NETWORK", "should be 'none' or 'nat', not '" + *network + "'");
        }
        result.network = *network == "nat" ? local::Network::nat : local::Network::none;
    }
    result.dns = name_servers(environment.text("LOCAL_DNS").value_or(""));
    constexpr std::int64_t most_mb = std::int64_t{1} << 30;
    constexpr std::int64_t most_uid = 4'294'967'293;
    read(environment, "LOCAL_MEMORY_MB", result.memory_mb, 0, most_mb);
    read(environment, "LOCAL_PIDS", result.pids, 0, 1 << 22);
    read(environment, "LOCAL_HOME_MB", result.home_mb, 1, most_mb);
    read(environment, "LOCAL_TMP_MB", result.tmp_mb, 1, most_mb);
    read(environment, "LOCAL_UID_BASE", result.uid_base, 1000, most_uid);
    read(environment, "LOCAL_UID_COUNT", result.uid_count, 1, most_uid - result.uid_base);
    read(environment, "LOCAL_BOOTSTRAP_SSH_TIMEOUT_SECONDS", result.ready_timeout_seconds, 1, 86'400);
    if (const auto cpus = environment.number("LOCAL_CPUS", 0)) {
        result.cpus = *cpus;
    }
    return result;
}

} // namespace

Settings Settings::load(const Environment& environment, bool dev)
{
    Settings settings;
    if (const auto directory = environment.text("STATE_DIR")) {
        settings.state_dir = std::filesystem::absolute(*directory);
    } else {
        settings.state_dir = default_state_dir(environment);
    }
    settings.database_url =
        DatabaseUrl::parse(environment.text("DATABASE_URL")
                               .value_or("sqlite:///" + (settings.state_dir / "drukbox.db").string()));

    for (std::string& token : split_list(environment.secret("SERVICE_TOKENS").value_or(""))) {
        settings.tokens.emplace_back(std::move(token));
    }
    if (settings.tokens.empty() && !dev) {
        throw SettingError("SERVICE_TOKENS", "should be at least one token, several separated by commas");
    }
    settings.default_provider = environment.text("DEFAULT_HOST_PROVIDER").value_or(dev ? "local" : "");
    if (settings.default_provider.empty()) {
        throw SettingError("DEFAULT_HOST_PROVIDER",
                           "should name the provider of new hosts, for example 'local'");
    }
    settings.service_label = environment.text("SERVICE_LABEL").value_or(settings.service_label);
    settings.listen = environment.text("LISTEN").value_or(settings.listen);
    if (auto key = environment.secret("SEALING_KEY")) {
        settings.sealing_key = Redacted{std::move(*key)};
    } else if (settings.database_url.kind() == DatabaseKind::postgresql) {
        throw SettingError("SEALING_KEY", "should be set with a PostgreSQL database, to the same on every "
                                          "replica: what one seals the others open");
    }
    if (const auto level = environment.text("LOG_LEVEL")) {
        std::string name = *level;
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (name != "debug" && name != "info" && name != "warning" && name != "error") {
            throw SettingError("LOG_LEVEL", "should be debug, info, warning or error, not '" + *level + "'");
        }
        settings.log_level = name;
    }
    if (const auto format = environment.text("LOG_FORMAT")) {
        if (*format != "text" && *format != "json") {
            throw SettingError("LOG_FORMAT", "should be text or json, not '" + *format + "'");
        }
        settings.log_format = *format == "json" ? log::Format::json : log::Format::text;
    }
    read(environment, "IDEMPOTENCY_KEY_TTL_HOURS", settings.idempotency_key_ttl, 1);
    read(environment, "PROVISIONING_GRACE_SECONDS", settings.provisioning_grace, 1);
    read(environment, "LEASE_DEFAULT_TTL", settings.lease_default_ttl, 1);
    read(environment, "UNCLAIMED_LEASE_SECONDS", settings.unclaimed_lease, 1);
    read(environment, "PRIVATE_KEY_REPLAY_SECONDS", settings.private_key_replay, 0);
    read(environment, "RECONCILE_INTERVAL_SECONDS", settings.reconcile_interval, 1);
    read(environment, "STOP_GRACE_SECONDS", settings.stop_grace, 0);
    constexpr std::int64_t most_requests = 1 << 30;
    read(environment, "MAX_REQUESTS_IN_FLIGHT", settings.max_requests_in_flight, 0, most_requests);
    read(environment, "CREATES_PER_MINUTE", settings.creates_per_minute, 0, most_requests);
    if (auto token = environment.secret("METRICS_TOKEN")) {
        settings.metrics_open = *token == "none";
        if (!settings.metrics_open) {
            settings.metrics_token = Redacted{std::move(*token)};
        }
    }
    check_tailscale(environment);
    settings.local = load_local(environment, settings);
    settings.sim = sim::SimSettings::load(environment, settings.state_dir, settings.service_label);
    return settings;
}

} // namespace drukbox::service
