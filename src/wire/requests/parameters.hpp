#pragma once

#include "wire/requests/findings.hpp"
#include "wire/uuid.hpp"

#include <string>
#include <string_view>

/// What stands in the path of a request, and what its query adds to that.
namespace drukbox::wire {

[[nodiscard]] Uuid read_host_id(std::string_view path_segment, Findings& findings);

[[nodiscard]] std::string read_proxy_name(std::string_view path_segment, Findings& findings);

void check_proxy_name(std::string_view name, boost::json::array location, Findings& findings);

/// Whether the query of a request target has `force=true`: then also a host that is still being made goes.
[[nodiscard]] bool read_force(std::string_view target, Findings& findings);

} // namespace drukbox::wire
