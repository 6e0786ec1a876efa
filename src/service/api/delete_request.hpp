#pragma once

#include "service/api/findings.hpp"

#include <string_view>

namespace drukbox::service::api {

/// Whether the query of a request target has `force=true`: then also a host that is still being made goes.
[[nodiscard]] bool read_force(std::string_view target, Findings& findings);

} // namespace drukbox::service::api
