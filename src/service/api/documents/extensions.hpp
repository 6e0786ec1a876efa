#pragma once

#include <string>

namespace drukbox::service::api {

/// `/openapi-extensions.json`: what is written in openapi-extensions.json, what the host API's document has
/// that it refers to, and the routes of each view, which are those of the plain one with another record.
[[nodiscard]] std::string extensions_document();

} // namespace drukbox::service::api
