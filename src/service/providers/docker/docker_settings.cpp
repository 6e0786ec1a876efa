#include "service/providers/docker/docker_settings.hpp"

#include "service/environment/read.hpp"

#include <algorithm>
#include <system_error>

namespace drukbox::service::docker {
namespace {

/// The first socket that is there; Docker's when there is none yet.
std::string usual_socket(const Environment& environment)
{
    const std::string docker = "/var/run/docker.sock";
    const auto runtime = environment.text("XDG_RUNTIME_DIR").value_or("/nonexistent");
    for (const auto& path :
         {docker, std::string{"/run/podman/podman.sock"}, runtime + "/podman/podman.sock"}) {
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored)) {
            return path;
        }
    }
    return docker;
}

Endpoint read_endpoint(const Environment& environment)
{
    constexpr std::string_view unix_scheme = "unix://";
    constexpr std::string_view tcp_scheme = "tcp://";
    Endpoint endpoint;
    const auto host = environment.text("DOCKER_HOST");
    if (!host) {
        endpoint.unix_socket = usual_socket(environment);
        return endpoint;
    }
    if (host->starts_with(unix_scheme) && host->substr(unix_scheme.size()).starts_with('/')) {
        endpoint.unix_socket = host->substr(unix_scheme.size());
        // The longest path that the kernel takes.
        if (endpoint.unix_socket.size() < 108) {
            return endpoint;
        }
    }
    auto address = host->starts_with(tcp_scheme) ? host->substr(tcp_scheme.size()) : std::string{};
    if (address.ends_with('/')) {
        address.pop_back();
    }
    if (address.find(':') == std::string::npos || address.find_first_of("/?#@ ") != std::string::npos) {
        throw SettingError("DOCKER_HOST", "should be unix:///path or tcp://host:port, not '" + *host + "'");
    }
    const bool tls = environment.text("DOCKER_TLS_VERIFY").has_value();
    endpoint.url = (tls ? "https://" : "http://") + address;
    if (const auto directory = environment.text("DOCKER_CERT_PATH"); tls && directory) {
        endpoint.ca_file = *directory + "/ca.pem";
        endpoint.certificate = *directory + "/cert.pem";
        endpoint.key = *directory + "/key.pem";
    }
    return endpoint;
}

void check_user_name(const std::string& user)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    if (user.size() > 32 || !std::ranges::all_of(user, fits) || user.front() == '-') {
        throw SettingError("DOCKER_SSH_USERNAME",
                           "should be a user name of a-z, 0-9, _ and -, not '" + user + "'");
    }
}

} // namespace

std::string Endpoint::name() const
{
    return unix_socket.empty() ? url : "unix://" + unix_socket;
}

DockerSettings DockerSettings::load(const Environment& environment, std::string service_label)
{
    DockerSettings result;
    result.endpoint = read_endpoint(environment);
    result.service_label = std::move(service_label);
    read(environment, "DOCKER_DEFAULT_IMAGE", result.default_image);
    read(environment, "DOCKER_SSH_USERNAME", result.ssh_username);
    check_user_name(result.ssh_username);
    constexpr std::int64_t most_mb = std::int64_t{1} << 30;
    read(environment, "DOCKER_MEMORY_MB", result.memory_mb, 0, most_mb);
    read(environment, "DOCKER_PIDS", result.pids, 0, 1 << 22);
    read(environment, "DOCKER_OPEN_FILES", result.open_files, 64, 1 << 30);
    read(environment, "DOCKER_USER_PROCESSES", result.user_processes, 0, 1 << 30);
    read(environment, "DOCKER_API_TIMEOUT", result.api_timeout, 1);
    read(environment, "DOCKER_PULL_TIMEOUT_SECONDS", result.pull_timeout, 1);
    read(environment, "DOCKER_BOOTSTRAP_SSH_TIMEOUT_SECONDS", result.ready_timeout, 1);
    if (const auto cpus = environment.number("DOCKER_CPUS", 0)) {
        result.cpus = *cpus;
    }
    if (const auto script = environment.text("DOCKER_SETUP_SCRIPT")) {
        result.setup_script = std::filesystem::absolute(*script);
    }
    return result;
}

} // namespace drukbox::service::docker
