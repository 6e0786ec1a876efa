#pragma once

#include "wire/requests/create_proxy.hpp"

#include <string>

namespace drukbox::inline v0::testing::detail {

/// A URL as it was asked for, where it looks like an origin. The service takes it apart with libcurl, which
/// nobody's tests should need.
[[nodiscard]] wire::Origin read_proxy_origin(const std::string& url);

} // namespace drukbox::inline v0::testing::detail
