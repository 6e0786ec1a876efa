#pragma once

#include "http/message.hpp"
#include "service/api/findings.hpp"
#include "service/hosts/lifecycle.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string_view>

namespace drukbox::service::api {

/// Each reads one part of a request and adds what is wrong with it to `findings`; the result counts only when
/// nothing was added.

[[nodiscard]] HostId read_host_id(std::string_view path_segment, Findings& findings);

[[nodiscard]] std::optional<std::string> read_idempotency_key(const http::Headers& headers,
                                                              Findings& findings);

enum class CreateFields
{
    all,
    litterbox ///< Those that Litterbox knows; the others are unknown, and so ignored.
};

[[nodiscard]] CreateHost read_create_host(const http::Headers& headers, std::string_view body, Timestamp now,
                                          Findings& findings, CreateFields fields = CreateFields::all);

/// The point in time of a renewal; none: the default lease.
[[nodiscard]] std::optional<Timestamp> read_renewal(const http::Headers& headers, std::string_view body,
                                                    Timestamp now, Findings& findings);

} // namespace drukbox::service::api
