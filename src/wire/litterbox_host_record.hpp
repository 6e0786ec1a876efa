#pragma once

#include "wire/shape_error.hpp"

#include <drukbox/litterbox/sandbox_host.hpp>

#include <boost/json/fwd.hpp>

#include <vector>

namespace drukbox::wire {

/// Ignore unknown keys; `announce_token_used` and `announced_at` may be absent (a newer service). Throw
/// ShapeError.
[[nodiscard]] litterbox::SandboxHost parse_litterbox_host(const boost::json::value& json);
[[nodiscard]] std::vector<litterbox::SandboxHost> parse_litterbox_hosts(const boost::json::value& json);

} // namespace drukbox::wire
