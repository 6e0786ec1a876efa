#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::front {

/// Which names a request may call this service by. A page of some other site can have a browser of this
/// machine send requests here, once the name of that site leads to a loopback address: the name stays the
/// site's.
class HostCheck
{
public:
    /// Any name.
    HostCheck() = default;

    /// The names of this machine to itself, and the one in `listen`, an address to listen on. Any name where
    /// that is a Unix socket, which no page can reach.
    explicit HostCheck(std::string_view listen);

    /// Whether a `Host` header names this service. Its port does not matter.
    [[nodiscard]] bool allows(std::string_view host) const;

private:
    std::vector<std::string> names_; ///< In lower case; none: any.
};

} // namespace drukbox::service::front
