#pragma once

#include "testing/findings.hpp"

#include <drukbox/testing/http_proxy_state.hpp>
#include <drukbox/testing/recorded_request.hpp>

#include <string>

// What the API accepts about HTTP proxies; what it does not is added to the findings.
namespace drukbox::inline v0::testing::detail {

/// The proxy that a request describes; not to be used when there are findings.
[[nodiscard]] HTTPProxyState read_proxy(const RecordedRequest& request, Findings& findings);

/// A proxy's name of the path.
void check_proxy_name(const std::string& parameter, Findings& findings);

} // namespace drukbox::inline v0::testing::detail
