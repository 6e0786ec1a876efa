#pragma once

#include <drukbox/export.hpp>

#include <string_view>

/// The version of these headers, by the rules of semantic versioning. The build reads it from here.
#define DRUKBOX_VERSION_MAJOR 0
#define DRUKBOX_VERSION_MINOR 1
#define DRUKBOX_VERSION_PATCH 0
#define DRUKBOX_VERSION_STRING "0.1.0"

namespace drukbox::inline v0 {

/// The version of the library that the program runs with: DRUKBOX_VERSION_STRING of its own headers.
[[nodiscard]] DRUKBOX_API std::string_view version() noexcept;

} // namespace drukbox::inline v0
