#pragma once

#include "http/message.hpp"
#include "service/api/findings.hpp"
#include "service/records/http_proxy.hpp"

#include <string>
#include <string_view>

namespace drukbox::service::api {

/// Each reads one part of a request and adds what is wrong with it to `findings`; the result counts only when
/// nothing was added.

[[nodiscard]] std::string read_proxy_name(std::string_view path_segment, Findings& findings);

[[nodiscard]] HttpProxySpec read_create_proxy(const http::Headers& headers, std::string_view body,
                                              Findings& findings);

} // namespace drukbox::service::api
