#pragma once

#include <string_view>

namespace drukbox::service::hetzner {

inline constexpr std::string_view provider_name = "hetzner";
inline constexpr std::string_view owner_label = "managed-by";
inline constexpr std::string_view name_label = "drukbox-host-name";

/// Before a host's name: the name of its key.
inline constexpr std::string_view key_prefix = "drukbox-";

} // namespace drukbox::service::hetzner
