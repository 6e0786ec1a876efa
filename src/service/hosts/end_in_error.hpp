#pragma once

#include "service/hosts/host.hpp"

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

/// An active host whose machine is gone.
[[nodiscard]] bool lose_and_release(Session& sql, const HostId& id, Timestamp now);

} // namespace drukbox::service
