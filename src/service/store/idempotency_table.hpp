#pragma once

#include "service/hosts/host.hpp"

#include <optional>
#include <string>

namespace drukbox::service {
class Session;
}

/// The table `idempotency_keys`. A key dies with its host's row.
namespace drukbox::service::idempotency_table {

/// The host that an unexpired key stands for.
[[nodiscard]] std::optional<HostId> find(Session& sql, const std::string& key, Timestamp now);

/// Binds a key to a host; an expired binding of the same key is replaced. One that another replica binds in
/// the same moment makes the transaction run again.
void reserve(Session& sql, const std::string& key, const HostId& host, Timestamp expires_at, Timestamp now);

/// Frees the key of a host whose provision failed or whose teardown has begun.
void release(Session& sql, const HostId& host);

/// Frees the keys that have expired.
void forget(Session& sql, Timestamp now);

} // namespace drukbox::service::idempotency_table
