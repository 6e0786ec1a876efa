#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>

namespace drukbox::service::api {

[[nodiscard]] http::Response json_response(unsigned status, std::string body);

/// `{"detail": …}`, and `"error_code"` where one is given.
[[nodiscard]] http::Response error_response(unsigned status, std::string_view detail,
                                            std::string_view error_code = {});

} // namespace drukbox::service::api
