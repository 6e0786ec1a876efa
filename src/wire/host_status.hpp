#pragma once

#include <array>
#include <string_view>

namespace drukbox::wire {

/// What a record says of where its host is in its life: the service's HostStatus, in its order.
inline constexpr std::array<std::string_view, 6> host_statuses{
    "provisioning", "creating_network", "creating_vm", "bootstrapping", "active", "error"};

} // namespace drukbox::wire
