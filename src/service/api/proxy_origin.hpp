#pragma once

#include "wire/requests/create_proxy.hpp"

#include <string>

namespace drukbox::service::api {

/// The origin of a URL, normalised: lower case, punycode, no default port, a final `/`.
[[nodiscard]] wire::Origin read_proxy_origin(const std::string& url);

} // namespace drukbox::service::api
