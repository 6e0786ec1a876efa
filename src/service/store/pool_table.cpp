#include "service/store/pool_table.hpp"

#include "service/records/host_state.hpp"
#include "service/store/host_table.hpp"
#include "service/store/statement.hpp"

namespace drukbox::service::pool_table {

std::optional<Host> claim(Session& sql, const Claim& claim, Timestamp now)
{
    static const std::string oldest_warm =
        "UPDATE hosts SET claimed_at = :n1, updated_at = :n2, owner = :owner, expires_at = :expiry, "
        "lease_kind = :kind, lease_until = :until, key_pending = :pending WHERE id = ("
        "SELECT id FROM hosts WHERE provider = :provider AND " +
        host_state::warm.sql() + " ORDER BY created_at, id LIMIT 1";
    static const std::string sqlite = oldest_warm + ") RETURNING id";
    // A claimant passes over what another one is claiming.
    static const std::string postgresql = oldest_warm + " FOR UPDATE SKIP LOCKED) RETURNING id";
    const auto claimed = select_one<HostId>(sql, sql.kind() == DatabaseKind::postgresql ? postgresql : sqlite,
                                            now, now, claim.replica, claim.expires_at, claim.lease.kind(),
                                            claim.lease.end(), claim.new_key, claim.provider, now);
    return claimed ? host_table::find(sql, *claimed) : std::nullopt;
}

bool finish(Session& sql, const Host& host, const std::string& replica, Timestamp now)
{
    static const std::string text =
        "UPDATE hosts SET owner = '', key_pending = 0, sealed_private_key = :key, unclaimed = :unclaimed, "
        "expires_at = :expiry, updated_at = :now WHERE id = :id AND owner = :owner AND " +
        host_state::live.sql();
    return execute(sql, text, host.sealed_private_key, host.unclaimed, host.expires_at, now, host.id,
                   replica) > 0;
}

Members members(Session& sql, const std::string& provider, Timestamp good_until)
{
    static const std::string text = "SELECT id, status FROM hosts WHERE provider = :provider AND " +
                                    host_state::counts_in_pool.sql() + " ORDER BY created_at, id";
    Members result;
    query<Columns<HostId, HostStatus>>(
        sql, text,
        [&](const HostId& id, HostStatus status) {
            if (status == HostStatus::active) {
                result.warm.push_back(id);
            } else {
                ++result.making;
            }
        },
        provider, good_until);
    return result;
}

std::vector<std::string> providers(Session& sql)
{
    static const std::string text =
        "SELECT DISTINCT provider FROM hosts WHERE " + host_state::pool_member.sql();
    return select_all<std::string>(sql, text);
}

} // namespace drukbox::service::pool_table
