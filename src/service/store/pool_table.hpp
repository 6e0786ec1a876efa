#pragma once

#include "service/records/host.hpp"

#include <optional>
#include <string>
#include <vector>

namespace drukbox::service {

class Session;

/// The pool's part of the table `hosts`: rows with `pooled`, members as long as `claimed_at` is NULL.
namespace pool_table {

/// A claim as it is recorded.
struct Claim
{
    std::string provider;
    std::string replica;
    std::optional<Timestamp> expires_at;
    LeaseIntent lease;
    bool new_key = false; ///< The machine gets another key: pending until finish() has recorded it.
};

/// Claims the oldest warm member in one statement: of several claimants each gets another. The host is the
/// replica's until finish().
[[nodiscard]] std::optional<Host> claim(Session& sql, const Claim& claim, Timestamp now);

/// Records that a claimed host is ready for its caller, with the key it has now. False when the host was
/// taken away meanwhile.
[[nodiscard]] bool finish(Session& sql, const Host& host, const std::string& replica, Timestamp now);

/// A provider's part of the pool.
struct Members
{
    int making = 0; ///< In the making.
    /// Active and good until after the time asked for, oldest first.
    std::vector<HostId> warm;
};

[[nodiscard]] Members members(Session& sql, const std::string& provider, Timestamp good_until);

/// Providers that have members.
[[nodiscard]] std::vector<std::string> providers(Session& sql);

} // namespace pool_table

} // namespace drukbox::service
