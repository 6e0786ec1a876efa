#pragma once

#include "http/message.hpp"
#include "service/api/view.hpp"
#include "service/hosts/lifecycle.hpp"
#include "wire/requests/findings.hpp"
#include "wire/requests/list_request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::api {

[[nodiscard]] CreateHost read_create_host(const http::Headers& headers, std::string_view body, View view,
                                          Timestamp now, wire::Findings& findings);

/// The point in time of a renewal; none: the default lease.
[[nodiscard]] std::optional<Timestamp> read_renewal(const http::Headers& headers, std::string_view body,
                                                    Timestamp now, wire::Findings& findings);

/// What of the list a request without findings asks for.
[[nodiscard]] HostPage to_page(const wire::ListRequest& request);

/// The `Link` to the page after the one that ends with `last`.
[[nodiscard]] std::string next_link(View view, const HostPage& page, const Host& last);

} // namespace drukbox::service::api
