#pragma once

#include <string>

namespace drukbox::inline v0 {

/// That a host reaches an HTTP proxy, as the service described it. The members are named as on the wire.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class HTTPProxyAttachment
{
public:
    /// An attachment of nothing.
    HTTPProxyAttachment() = default;

    std::string name;    ///< The proxy's.
    std::string host_id; ///< UUID of the host.
    std::string status;  ///< `attached`.

    /// Whether all members are equal.
    friend bool operator==(const HTTPProxyAttachment&, const HTTPProxyAttachment&) = default;
};

} // namespace drukbox::inline v0
