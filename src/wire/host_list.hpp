#pragma once

#include "wire/shape_error.hpp"

#include <drukbox/sandbox_host.hpp>

#include <string_view>
#include <vector>

namespace drukbox::wire {

/// Reads a JSON array of hosts from its text as parse_hosts() does from a tree, but has the tree of only one
/// host at a time. Throws ShapeError, or boost::system::system_error for what is not JSON.
[[nodiscard]] std::vector<SandboxHost> read_hosts(std::string_view text);

} // namespace drukbox::wire
