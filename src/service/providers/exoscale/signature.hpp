#pragma once

#include "service/base/redacted.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace drukbox::service::exoscale {

/// The Authorization header field of a request, by the scheme EXO2-HMAC-SHA256. `target` is the path with its
/// query, as it is sent; `expires` a Unix time.
[[nodiscard]] std::string authorization(const std::string& api_key, const Redacted& api_secret,
                                        std::string_view method, std::string_view target,
                                        std::string_view body, std::int64_t expires);

} // namespace drukbox::service::exoscale
