#pragma once

#include "wire/host_view.hpp"

#include <string>

namespace drukbox::service::api {

/// The OpenAPI document of a view that has a prefix: the operations of `/openapi.json` that the view has, in
/// its records, below its prefix. `extensions` is the document that describes all views.
[[nodiscard]] std::string view_document(wire::HostView view, const std::string& extensions);

} // namespace drukbox::service::api
