#pragma once

#include "http/message.hpp"
#include "service/records/http_proxy.hpp"
#include "wire/requests/findings.hpp"

#include <string_view>

namespace drukbox::service::api {

[[nodiscard]] HttpProxySpec read_create_proxy(const http::Headers& headers, std::string_view body,
                                              wire::Findings& findings);

} // namespace drukbox::service::api
