#pragma once

#include "service/records/host.hpp"

#include <chrono>
#include <set>
#include <string>

namespace drukbox::service {

class Session;

/// The tables `replicas` and `leadership`: who is alive, and who does what only one may do at a time. Their
/// times are the database's where several machines share it.
namespace replica_table {

/// The time to judge leases by: the database's own clock, or `here` where the database is a file.
[[nodiscard]] Timestamp clock(Session& sql, Timestamp here);

/// Records that a replica is alive.
void extend(Session& sql, const std::string& id, Timestamp until);

/// Takes the lead or keeps it. False when another replica's lease of it has not run out.
[[nodiscard]] bool lead(Session& sql, const std::string& id, Timestamp until, Timestamp now);

/// Gives up the lead and the replica's own lease, at once.
void leave(Session& sql, const std::string& id);

/// Those whose lease has not run out.
[[nodiscard]] std::set<std::string> alive(Session& sql, Timestamp now);

/// Forgets replicas whose lease ran out before this.
void forget(Session& sql, Timestamp before);

} // namespace replica_table

} // namespace drukbox::service
