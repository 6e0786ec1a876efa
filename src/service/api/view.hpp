#pragma once

#include "service/hosts/host.hpp"
#include "service/redacted.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::api {

/// In whose records a client sees the hosts. Each has a prefix of its own, since one record cannot serve all:
/// some clients fail on a key that others require.
enum class View
{
    drukbox,   ///< Clients up to version 0.2, and the API as it is documented.
    v0_3,      ///< Clients from version 0.3.0 on.
    litterbox, ///< Litterbox clients.
};

/// What stands before the paths of a view's routes; empty for the plain one.
[[nodiscard]] std::string_view prefix(View view) noexcept;

/// Whether the view has a route that is `path` in the plain one.
[[nodiscard]] bool has_route(View view, std::string_view path) noexcept;

/// Appends the record of a host as JSON.
void append_record(std::string& out, View view, const Host& host,
                   const std::optional<Redacted>& private_key = std::nullopt);

[[nodiscard]] std::string serialize(View view, const Host& host,
                                    const std::optional<Redacted>& private_key = std::nullopt);

} // namespace drukbox::service::api
