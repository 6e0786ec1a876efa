#pragma once

#include "service/records/host.hpp"

#include <string>

namespace drukbox::service {
class Session;
}

/// Ends a host in status error, expired at once, and frees its idempotency key in the same transaction: a
/// retry with the key provisions anew. False, and nothing is changed, when the host is not in a state to be
/// ended so.
namespace drukbox::service {

/// A host whose provision is under way.
[[nodiscard]] bool fail_and_release(Session& sql, const HostId& id, const std::string& last_error,
                                    Timestamp now);

/// An active host that `owner` (empty: nobody) works on.
[[nodiscard]] bool lose_and_release(Session& sql, const HostId& id, const std::string& owner,
                                    const std::string& last_error, Timestamp now);

inline constexpr const char* machine_gone = "VmNotFound: the machine is gone";

} // namespace drukbox::service
