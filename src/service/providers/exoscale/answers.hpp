#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::exoscale {

inline constexpr std::string_view provider_name = "exoscale";
inline constexpr std::string_view owner_label = "managed-by";
inline constexpr std::string_view name_label = "drukbox-host-name";

/// Before a host's name: the name of its key.
inline constexpr std::string_view key_prefix = "drukbox-";

/// An instance as an answer shows it.
class Instance
{
public:
    Instance() = default;

    std::string id;
    std::string name;
    std::string state;        ///< `starting`, `running`, `destroying`, …
    std::string public_ip;    ///< IPv4; empty while it has none.
    std::string owner;        ///< Its label `managed-by`.
    std::string installation; ///< Its label `drukbox-installation`; empty without one.
    std::string host;         ///< Its label `drukbox-host-name`; its name where it has none.
};

// Each reads the body of a successful answer, and throws MalformedAnswer.

/// What an operation made: `reference.id`. Throws a ProviderError with its message when it failed.
[[nodiscard]] std::string parse_operation(std::string_view body);
[[nodiscard]] Instance parse_instance(std::string_view body);
[[nodiscard]] std::vector<Instance> parse_instances(std::string_view body);

/// The id of the newest template of this name.
[[nodiscard]] std::optional<std::string> parse_templates(std::string_view body, std::string_view name);

/// The id of the type that `family.size` names.
[[nodiscard]] std::optional<std::string> parse_instance_types(std::string_view body, std::string_view name);

} // namespace drukbox::service::exoscale
