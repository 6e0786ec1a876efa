#pragma once

#include "wire/host_view.hpp"

#include <drukbox/testing/operation.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::inline v0::testing::detail {

/// What a request's method and target mean to the API.
class Route
{
public:
    Route() = default;

    wire::HostView view = wire::HostView::plain;
    std::optional<Operation> operation;
    std::vector<std::string> parameters; ///< Those of the path, decoded, in its order.
    bool health = false;                 ///< `GET /healthz`, which is no operation.
    std::string allowed;                 ///< The path's methods, for `Allow`; empty: no such path.
};

[[nodiscard]] Route find_route(std::string_view method, std::string_view target);

} // namespace drukbox::inline v0::testing::detail
