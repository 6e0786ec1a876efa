#pragma once

#include <string>

namespace drukbox::inline v0 {

/// An HTTP proxy of the account at the service's default provider, as the service described it. The members
/// are named as on the wire.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class HTTPProxy
{
public:
    /// A proxy without a name.
    HTTPProxy() = default;

    std::string name;   ///< What it was created as.
    std::string status; ///< `created`.

    /// Whether all members are equal.
    friend bool operator==(const HTTPProxy&, const HTTPProxy&) = default;
};

} // namespace drukbox::inline v0
