#pragma once

#include <map>
#include <set>
#include <string>

namespace drukbox::inline v0::testing {

/// A proxy that the fake service has.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class HTTPProxyState
{
public:
    /// A proxy without a name.
    HTTPProxyState() = default;

    std::string name;                           ///< By which it is found.
    std::string target;                         ///< As it was asked for.
    std::map<std::string, std::string> headers; ///< What it adds to the requests that pass through it.
    std::set<std::string> host_ids;             ///< The hosts that it is attached to.

    /// Whether all members are equal.
    friend bool operator==(const HTTPProxyState&, const HTTPProxyState&) = default;
};

} // namespace drukbox::inline v0::testing
