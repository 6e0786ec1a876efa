#pragma once

#include "service/environment/environment.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace drukbox::service::docker {

/// Where the engine's API is: exactly one of a Unix socket and a URL.
class Endpoint
{
public:
    Endpoint() = default;

    std::string unix_socket;
    std::string url; ///< `http://host:port`, `https://…` with TLS.
    std::string ca_file;
    std::string certificate;
    std::string key;

    /// As `DOCKER_HOST` spells it, for messages.
    [[nodiscard]] std::string name() const;
};

/// The docker provider's settings, each from the environment variable named beside it.
class DockerSettings
{
public:
    DockerSettings() = default;

    Endpoint endpoint;         ///< `DOCKER_HOST`: unix:///path, tcp://host:port; with `DOCKER_TLS_VERIFY` and
                               ///< `DOCKER_CERT_PATH` as Docker's own command reads them.
    std::string service_label; ///< `SERVICE_LABEL`.
    std::string installation;  ///< The id that marks our containers; empty: no mark.
    std::string default_image = "localhost/drukbox/sandbox:latest"; ///< `DOCKER_DEFAULT_IMAGE`.
    std::string ssh_username = "root";                              ///< `DOCKER_SSH_USERNAME`.
    std::uint64_t memory_mb = 2048;         ///< `DOCKER_MEMORY_MB`, 0 = no limit; `instance_type` wins.
    double cpus = 0;                        ///< `DOCKER_CPUS`, 0 = no limit; `instance_type` wins.
    std::uint64_t pids = 512;               ///< `DOCKER_PIDS`, 0 = no limit.
    std::uint64_t open_files = 16'384;      ///< `DOCKER_OPEN_FILES`, for each process.
    std::uint64_t user_processes = 0;       ///< `DOCKER_USER_PROCESSES`, for each user of all containers; 0 =
                                            ///< the engine's default. An engine that may not raise its own
                                            ///< limits cannot give the million that is Podman's.
    std::filesystem::path setup_script;     ///< `DOCKER_SETUP_SCRIPT`: run once in each container, before SSH
                                            ///< answers, by an image that does so. Empty: none.
    std::chrono::seconds api_timeout{30};   ///< `DOCKER_API_TIMEOUT`.
    std::chrono::seconds pull_timeout{900}; ///< `DOCKER_PULL_TIMEOUT_SECONDS`.
    std::chrono::seconds ready_timeout{30}; ///< `DOCKER_BOOTSTRAP_SSH_TIMEOUT_SECONDS`.

    /// Throws SettingError for the first setting that is malformed.
    [[nodiscard]] static DockerSettings load(const Environment& environment, std::string service_label);
};

} // namespace drukbox::service::docker
