#pragma once

#include "service/records/host.hpp"

#include <optional>
#include <string>

namespace drukbox::service {

class Session;

/// The table `ended_hosts`: what became of hosts whose rows are gone, for callers that still wait for one,
/// and for machines of theirs that a provider shows late.
namespace ended_host_table {

/// Keeps what a host's row says at its end.
void remember(Session& sql, const HostId& id, Timestamp now);

/// What a host that is gone ended with: its `last_error`, empty for one that had been active. Nothing: no
/// such host is remembered.
[[nodiscard]] std::optional<std::string> last_error(Session& sql, const HostId& id);

/// Whether a machine of this name belonged to a host that is gone.
[[nodiscard]] bool owned(Session& sql, const std::string& provider, const std::string& vm);

void forget(Session& sql, Timestamp before);

} // namespace ended_host_table

} // namespace drukbox::service
