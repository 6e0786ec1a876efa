#pragma once

#include "http/message.hpp"
#include "service/api/findings.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string_view>

namespace drukbox::service::api {

/// The JSON object of an optional body. Absent, empty and `null` are an empty object. Nothing, and a finding,
/// when it is not JSON, not an object, or of another media type.
[[nodiscard]] std::optional<boost::json::object> read_object(const http::Headers& headers,
                                                             std::string_view body, Findings& findings);

/// The same of a body that must be there: absent, empty and `null` are a finding too.
[[nodiscard]] std::optional<boost::json::object>
read_required_object(const http::Headers& headers, std::string_view body, Findings& findings);

} // namespace drukbox::service::api
