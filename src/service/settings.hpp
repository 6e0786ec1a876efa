#pragma once

#include "service/base/redacted.hpp"
#include "service/environment/environment.hpp"
#include "service/hosts/policy.hpp"
#include "service/networking/tailscale/tailscale_settings.hpp"
#include "service/providers/configuration.hpp"
#include "service/runtime/log.hpp"
#include "service/store/database_url.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service {

/// The service's settings, each from the environment variable named beside it. Checked when they are read: an
/// object of this class is usable as it is.
class Settings
{
public:
    Settings() = default;

    std::filesystem::path state_dir; ///< `STATE_DIR`: everything the service writes lies below it.
    DatabaseUrl database_url;        ///< `DATABASE_URL`: default SQLite below state_dir.
    std::vector<Redacted>
        tokens; ///< `SERVICE_TOKENS`, comma separated. Empty only in dev mode, before one is made.
    std::string default_provider;          ///< `DEFAULT_HOST_PROVIDER`: required, `local` in dev mode.
    std::string service_label = "drukbox"; ///< `SERVICE_LABEL`.
    std::string listen = "127.0.0.1:8780"; ///< `LISTEN`.
    std::uint32_t listen_mode = 0660;      ///< `LISTEN_MODE`: who may connect to a Unix socket, in octal.
    bool check_host = false;               ///< Dev mode: answers only to names of this machine.
    std::optional<Redacted> sealing_key;   ///< `SEALING_KEY`; none: made at first start; not for PostgreSQL.
    std::string log_level = "info";        ///< `LOG_LEVEL`: debug, info, warning, error.
    log::Format log_format = log::Format::text; ///< `LOG_FORMAT`: text, json.

    HostPolicy hosts;                            ///< How long hosts last; each setting is named there.
    std::chrono::seconds reconcile_interval{10}; ///< `RECONCILE_INTERVAL_SECONDS`.
    std::chrono::seconds stop_grace{30};         ///< `STOP_GRACE_SECONDS`.

    /// `TLS_CERT_FILE`, `TLS_KEY_FILE`: PEM files of the service's certificate, with its chain, and its key.
    /// Both or neither; neither: plain HTTP.
    std::string tls_certificate_file;
    std::string tls_key_file;
    std::uint32_t max_requests_in_flight = 0; ///< `MAX_REQUESTS_IN_FLIGHT`; 0: no limit.
    std::uint32_t creates_per_minute = 0;     ///< `CREATES_PER_MINUTE`, for each token; 0: no limit.
    bool metrics_open = false;                ///< `METRICS_TOKEN=none`: `/metrics` asks for no token.
    std::optional<Redacted> metrics_token; ///< `METRICS_TOKEN`: opens `/metrics` beside the service's tokens.

    std::optional<tailscale::TailscaleSettings> tailscale; ///< None: `TAILSCALE_ENABLED` is not.

    std::vector<ProviderMaker> providers; ///< Those that their own settings or `default_provider` ask for.

    /// The names of those that came from the `.env` of the working directory.
    std::vector<std::string> from_dotenv;

    /// Throws SettingError for the first setting that is missing or malformed.
    [[nodiscard]] static Settings load(const Environment& environment, bool dev);
};

} // namespace drukbox::service
