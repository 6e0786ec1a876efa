#pragma once

#include <drukbox/sandbox_host.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// In whose records a client sees the hosts. Each has a prefix of its own, since one record cannot serve all:
/// some clients fail on a key that others require.
enum class HostView
{
    plain,     ///< Drukbox clients 0.0.1 to 0.0.6 and from 0.3.0 on: with `service_account`.
    v0_2,      ///< Drukbox clients 0.0.7 to 0.2.0, which fail on that key.
    litterbox, ///< Litterbox clients.
};

inline constexpr std::array host_views{HostView::plain, HostView::v0_2, HostView::litterbox};

/// What stands before the paths of a view's routes; empty for the plain one.
[[nodiscard]] std::string_view prefix(HostView view) noexcept;

/// Whether the view has the route that is `path` in the plain one, whatever its parameters look like there.
[[nodiscard]] bool has_route(HostView view, std::string_view path) noexcept;

/// A request target, taken apart.
class ViewedTarget
{
public:
    HostView view = HostView::plain;
    std::string_view
        target; ///< What is left without the view's prefix. It is part of the text that was taken apart.
};

/// The view that a target is in by its prefix. A target that only begins like a prefix is in the plain one.
[[nodiscard]] ViewedTarget take_prefix(std::string_view target) noexcept;

/// Appends the record of a host as JSON: exactly the keys of the view, in the order in which they are
/// documented, and null where there is nothing. `service_account` is who made or claimed the host; none:
/// nobody has yet.
void append(std::string& out, HostView view, const SandboxHost& host,
            const std::optional<std::string>& service_account);

} // namespace drukbox::wire
