#pragma once

#include <chrono>
#include <map>
#include <string>

namespace drukbox::service {

/// How long things last, and how many are kept ready. Each from the setting named beside it.
struct HostPolicy
{
    HostPolicy() = default;

    std::chrono::seconds lease_default_ttl{86'400}; ///< `LEASE_DEFAULT_TTL`.
    std::chrono::seconds provisioning_grace{600};   ///< `PROVISIONING_GRACE_SECONDS`.
    std::chrono::seconds unclaimed_lease{600};      ///< `UNCLAIMED_LEASE_SECONDS`.
    std::chrono::hours idempotency_key_ttl{24};     ///< `IDEMPOTENCY_KEY_TTL_HOURS`.
    std::chrono::seconds private_key_replay{300};   ///< `PRIVATE_KEY_REPLAY_SECONDS`; 0: never replayed.
    /// `ORPHAN_GRACE_SECONDS`: how long a machine without a record is spared where it may be a neighbour's in
    /// the making.
    std::chrono::seconds orphan_grace{600};
    /// Warm hosts to keep, by provider: `POOL_SIZES`, a JSON object, and for the default provider
    /// `POOL_SIZE`, unless it has an entry there.
    std::map<std::string, int> pool_sizes;
    std::chrono::hours pool_max_age{4}; ///< `POOL_HOST_MAX_AGE_HOURS`.
    int pool_creates = 2;               ///< `POOL_MAX_CREATES_PER_TICK`: of one provider at a time.
};

} // namespace drukbox::service
