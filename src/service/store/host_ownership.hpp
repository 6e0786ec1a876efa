#pragma once

#include "service/records/host.hpp"

#include <optional>
#include <string>
#include <vector>

namespace drukbox::service {

class Session;

/// The columns of `hosts` that say which replica works on a host. A replica takes a host in one statement, so
/// that of several one gets it, and no row lock is held while a provider is asked.
namespace host_ownership {

/// Requests the teardown of a host and takes it unless a replica works on it, which then hands it over to the
/// first that requested its teardown. Returns the host as it is then.
[[nodiscard]] std::optional<Host> request_teardown(Session& sql, const HostId& id, const std::string& replica,
                                                   Timestamp now);

/// Takes a host that nobody works on for teardown when its lease has run out or its teardown was requested.
/// The lease is judged in the same statement, so that a renewal either comes before it and spares the host,
/// or finds it taken.
[[nodiscard]] bool take_due(Session& sql, const HostId& id, const std::string& replica, Timestamp now);

/// Takes a host for teardown that is still the pool's.
[[nodiscard]] bool take_surplus(Session& sql, const HostId& id, const std::string& replica, Timestamp now);

/// Takes a claimed host whose caller's key is not on the machine yet.
[[nodiscard]] bool take_key_pending(Session& sql, const HostId& id, const std::string& replica);

/// The end of a provision that failed: the host goes to who tears it down. `vm_gone`: so is its machine.
void hand_over(Session& sql, const HostId& id, const std::string& replica, bool vm_gone);

/// Lets go of a host: whoever comes may take it.
void release(Session& sql, const HostId& id, const std::string& replica);

/// Those to be torn down that nobody works on: expired ones, and those whose teardown was requested.
[[nodiscard]] std::vector<HostId> due(Session& sql, Timestamp now);

/// Those that a replica works on although their teardown was requested by another.
[[nodiscard]] std::vector<HostId> teardown_requested(Session& sql, const std::string& replica);

/// A host that a replica works on, or that is in the making without one.
struct Owned
{
    HostId id;
    std::string owner;
};

[[nodiscard]] std::vector<Owned> owned(Session& sql);

} // namespace host_ownership

} // namespace drukbox::service
