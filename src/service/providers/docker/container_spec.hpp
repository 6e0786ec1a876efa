#pragma once

#include "service/providers/docker/docker_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace drukbox::service::docker {

/// The labels of our containers, as the contract names them.
inline constexpr const char* owner_label = "managed-by";
inline constexpr const char* name_label = "drukbox-host-name";

/// What a container may use at most; 0 = no limit.
class Limits
{
public:
    Limits() = default;

    std::int64_t nano_cpus = 0;
    std::int64_t memory_bytes = 0;
};

/// Reads an instance type: processors, `x`, memory in `g` or `m`: `2x4g`, `0.5x512m`. Throws ProviderError.
[[nodiscard]] Limits parse_instance_type(const std::string& text);

/// The instance type that says what the settings give a container. None where they leave something without a
/// limit, which no instance type does.
[[nodiscard]] std::optional<std::string> default_instance_type(const DockerSettings& settings);

/// The body of the engine's create call for this machine. Throws ProviderError for what cannot be carried to
/// a container.
[[nodiscard]] boost::json::value container_spec(const DockerSettings& settings, const VmSpec& spec);

} // namespace drukbox::service::docker
