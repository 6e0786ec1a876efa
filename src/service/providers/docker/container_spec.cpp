#include "service/providers/docker/container_spec.hpp"

#include "service/providers/support/installation_mark.hpp"

#include <boost/json.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace drukbox::service::docker {
namespace {

namespace json = boost::json;

constexpr std::string_view key_variable = "DRUKBOX_AUTHORIZED_KEY";
constexpr std::string_view names_variable = "DRUKBOX_ENV_KEYS";
constexpr double nano = 1e9;
// That an instance type can name.
constexpr double fewest_processors = 0.01;
constexpr double most_processors = 4096;

/// What root inside needs: for sshd (users, its chroot), and for packages to be installed. Nothing of the
/// machine's: no raw sockets, no devices, no mounts, no tracing.
constexpr std::array<std::string_view, 9> kept_capabilities{"CHOWN",  "DAC_OVERRIDE", "FOWNER",
                                                            "FSETID", "KILL",         "NET_BIND_SERVICE",
                                                            "SETGID", "SETUID",       "SYS_CHROOT"};

json::array environment_of(const VmSpec& spec)
{
    json::array variables;
    std::string names;
    for (const auto& [name, value] : spec.env) {
        if (name == key_variable || name == names_variable) {
            throw ProviderError("docker reserves the variable " + name + " for itself");
        }
        if (value.reveal().find('\0') != std::string::npos) {
            throw ProviderError("docker cannot carry the NUL in the value of the variable " + name);
        }
        names += (names.empty() ? "" : " ") + name;
        variables.emplace_back(name + "=" + value.reveal());
    }
    variables.emplace_back(std::string{key_variable} + "=" + spec.authorized_key);
    variables.emplace_back(std::string{names_variable} + "=" + names);
    return variables;
}

Limits limits_of(const DockerSettings& settings, const VmSpec& spec)
{
    if (spec.instance_type) {
        return parse_instance_type(*spec.instance_type);
    }
    Limits limits;
    limits.nano_cpus = std::llround(settings.cpus * nano);
    limits.memory_bytes = static_cast<std::int64_t>(settings.memory_mb << 20U);
    return limits;
}

json::object loopback_port()
{
    json::object binding;
    binding["HostIp"] = "127.0.0.1";
    binding["HostPort"] = "";
    json::array bindings;
    bindings.push_back(std::move(binding));
    json::object ports;
    ports["22/tcp"] = std::move(bindings);
    return ports;
}

json::object ulimit(std::string_view name, std::uint64_t most)
{
    json::object limit;
    limit["Name"] = name;
    limit["Soft"] = most;
    limit["Hard"] = most;
    return limit;
}

json::object host_config(const DockerSettings& settings, const Limits& limits)
{
    json::array kept;
    for (const auto name : kept_capabilities) {
        kept.emplace_back(name);
    }
    json::object config;
    config["PortBindings"] = loopback_port();
    config["CapDrop"] = json::array(1, "ALL");
    config["CapAdd"] = std::move(kept);
    config["SecurityOpt"] = json::array(1, "no-new-privileges");
    json::array process_limits;
    process_limits.push_back(ulimit("nofile", settings.open_files));
    if (settings.user_processes > 0) {
        process_limits.push_back(ulimit("nproc", settings.user_processes));
    }
    config["Ulimits"] = std::move(process_limits);
    if (limits.memory_bytes > 0) {
        config["Memory"] = limits.memory_bytes;
        config["MemorySwap"] = limits.memory_bytes;
    }
    if (limits.nano_cpus > 0) {
        config["NanoCpus"] = limits.nano_cpus;
    }
    if (settings.pids > 0) {
        config["PidsLimit"] = settings.pids;
    }
    return config;
}

} // namespace

Limits parse_instance_type(const std::string& text)
{
    const auto refuse = [&] {
        return ProviderError{"docker does not know the instance type '" + text +
                             "': it should be like 2x4g or 0.5x512m"};
    };
    double cpus = 0;
    std::uint64_t memory = 0;
    const char* end = text.data() + text.size();
    const auto [after_cpus, cpus_error] = std::from_chars(text.data(), end, cpus, std::chars_format::fixed);
    if (cpus_error != std::errc{} || after_cpus == end || *after_cpus != 'x' ||
        !(cpus >= fewest_processors && cpus <= most_processors)) {
        throw refuse();
    }
    const auto [after_memory, memory_error] = std::from_chars(after_cpus + 1, end, memory);
    constexpr std::uint64_t most = std::uint64_t{1} << 30U;
    if (memory_error != std::errc{} || after_memory + 1 != end || memory == 0 || memory > most ||
        (*after_memory != 'g' && *after_memory != 'm')) {
        throw refuse();
    }
    Limits limits;
    limits.nano_cpus = std::llround(cpus * nano);
    limits.memory_bytes = static_cast<std::int64_t>(memory << (*after_memory == 'g' ? 30U : 20U));
    return limits;
}

std::optional<std::string> default_instance_type(const DockerSettings& settings)
{
    if (!(settings.cpus >= fewest_processors && settings.cpus <= most_processors) ||
        settings.memory_mb == 0) {
        return std::nullopt;
    }
    std::array<char, 32> cpus{};
    const auto [end, error] =
        std::to_chars(cpus.data(), cpus.data() + cpus.size(), settings.cpus, std::chars_format::fixed);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    constexpr std::uint64_t gigabyte = 1024;
    const bool whole = settings.memory_mb % gigabyte == 0;
    return std::string{cpus.data(), end} + "x" +
           (whole ? std::to_string(settings.memory_mb / gigabyte) + "g"
                  : std::to_string(settings.memory_mb) + "m");
}

json::value container_spec(const DockerSettings& settings, const VmSpec& spec)
{
    json::object labels;
    labels[owner_label] = settings.service_label;
    labels[name_label] = spec.name;
    if (!settings.installation.empty()) {
        labels[installation_label] = settings.installation;
    }
    json::object exposed;
    exposed["22/tcp"] = json::object{};
    json::object body;
    body["Image"] = spec.image;
    body["Hostname"] = spec.name;
    body["Env"] = environment_of(spec);
    body["Labels"] = std::move(labels);
    body["ExposedPorts"] = std::move(exposed);
    body["HostConfig"] = host_config(settings, limits_of(settings, spec));
    return body;
}

} // namespace drukbox::service::docker
