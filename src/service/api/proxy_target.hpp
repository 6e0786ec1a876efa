#pragma once

#include "service/api/findings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::api {

/// Reads the target of an HTTP proxy: the origin of an http or https URL. The result is normalised: lower
/// case, punycode, no default port, a final `/`. Nothing, and a finding at `location`, when it is no such
/// URL.
[[nodiscard]] std::optional<std::string>
read_proxy_target(const boost::json::value& value, const boost::json::array& location, Findings& findings);

} // namespace drukbox::service::api
