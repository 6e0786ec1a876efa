#include "service/settings.hpp"

#include "service/environment/read.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

#include <unistd.h>

namespace drukbox::service {
namespace {

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

constexpr std::int64_t largest_pool = 10'000;

std::map<std::string, int> read_pool_sizes(const Environment& environment,
                                           const std::string& default_provider)
{
    std::map<std::string, int> sizes;
    if (const auto size = environment.integer("POOL_SIZE", 0, largest_pool)) {
        sizes[default_provider] = static_cast<int>(*size);
    }
    const auto text = environment.text("POOL_SIZES");
    if (!text) {
        return sizes;
    }
    boost::system::error_code error;
    const auto given = boost::json::parse(*text, error);
    const auto* entries = error ? nullptr : given.if_object();
    if (entries == nullptr) {
        throw SettingError("POOL_SIZES",
                           R"(should be a JSON object such as {"local": 2}, not ')" + *text + "'");
    }
    for (const auto& [name, size] : *entries) {
        const auto* number = size.if_int64();
        if (number == nullptr || *number < 0 || *number > largest_pool) {
            throw SettingError("POOL_SIZES", "should have a whole number from 0 to " +
                                                 std::to_string(largest_pool) + " for '" + std::string{name} +
                                                 "'");
        }
        sizes[name] = static_cast<int>(*number);
    }
    return sizes;
}

/// An octal number as chmod has it.
std::uint32_t read_mode(std::string_view name, const std::string& text)
{
    constexpr std::uint32_t largest = 0777;
    constexpr int octal = 8;
    std::uint32_t mode = 0;
    const auto* const end = text.data() + text.size();
    const auto [read_to, error] = std::from_chars(text.data(), end, mode, octal);
    if (error != std::errc() || read_to != end || mode > largest) {
        throw SettingError(name, "should be an octal mode such as 0660, not '" + text + "'");
    }
    return mode;
}

} // namespace

Settings Settings::load(const Environment& environment, bool dev)
{
    Settings settings;
    settings.from_dotenv = environment.from_dotenv();
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
    if (const auto mode = environment.text("LISTEN_MODE")) {
        settings.listen_mode = read_mode("LISTEN_MODE", *mode);
    }
    settings.check_host = dev;
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
    read(environment, "IDEMPOTENCY_KEY_TTL_HOURS", settings.hosts.idempotency_key_ttl, 1);
    read(environment, "PROVISIONING_GRACE_SECONDS", settings.hosts.provisioning_grace, 1);
    read(environment, "LEASE_DEFAULT_TTL", settings.hosts.lease_default_ttl, 1);
    read(environment, "UNCLAIMED_LEASE_SECONDS", settings.hosts.unclaimed_lease, 1);
    read(environment, "PRIVATE_KEY_REPLAY_SECONDS", settings.hosts.private_key_replay, 0);
    read(environment, "RECONCILE_INTERVAL_SECONDS", settings.reconcile_interval, 1);
    read(environment, "STOP_GRACE_SECONDS", settings.stop_grace, 0);
    settings.tls_certificate_file = environment.text("TLS_CERT_FILE").value_or("");
    settings.tls_key_file = environment.text("TLS_KEY_FILE").value_or("");
    if (settings.tls_certificate_file.empty() != settings.tls_key_file.empty()) {
        const bool no_key = settings.tls_key_file.empty();
        throw SettingError(no_key ? "TLS_KEY_FILE" : "TLS_CERT_FILE",
                           std::string{"should be set beside "} +
                               (no_key ? "TLS_CERT_FILE" : "TLS_KEY_FILE"));
    }
    constexpr std::int64_t most_requests = 1 << 30;
    read(environment, "MAX_REQUESTS_IN_FLIGHT", settings.max_requests_in_flight, 0, most_requests);
    read(environment, "CREATES_PER_MINUTE", settings.creates_per_minute, 0, most_requests);
    if (auto token = environment.secret("METRICS_TOKEN")) {
        settings.metrics_open = *token == "none";
        if (!settings.metrics_open) {
            settings.metrics_token = Redacted{std::move(*token)};
        }
    }
    read(environment, "ORPHAN_GRACE_SECONDS", settings.hosts.orphan_grace, 0);
    settings.hosts.pool_sizes = read_pool_sizes(environment, settings.default_provider);
    read(environment, "POOL_HOST_MAX_AGE_HOURS", settings.hosts.pool_max_age, 1);
    if (const auto creates = environment.integer("POOL_MAX_CREATES_PER_TICK", 1, largest_pool)) {
        settings.hosts.pool_creates = static_cast<int>(*creates);
    }
    settings.tailscale = tailscale::TailscaleSettings::load(environment);
    ProviderBasics basics;
    basics.state_dir = settings.state_dir;
    basics.service_label = settings.service_label;
    basics.default_provider = settings.default_provider;
    basics.tailscale_enabled = settings.tailscale.has_value();
    settings.providers = configure_providers(environment, basics);
    return settings;
}

} // namespace drukbox::service
