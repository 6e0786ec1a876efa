#include "service/store/pool_table.hpp"

#include "service/store/host_table.hpp"
#include "service/store/micros.hpp"
#include "service/store/statement.hpp"

namespace drukbox::service::pool_table {
namespace {

// A claimant passes over what another one is claiming.
constexpr std::string_view claim_sqlite =
    "UPDATE hosts SET claimed_at = :n1, updated_at = :n2, owner = :owner, expires_at = :expiry, "
    "lease_kind = :kind, lease_until = :until, key_pending = :pending WHERE id = ("
    "SELECT id FROM hosts WHERE pooled = 1 AND claimed_at IS NULL AND provider = :provider "
    "AND status = 'active' AND owner = '' AND teardown_at IS NULL AND expires_at > :n3 "
    "ORDER BY created_at, id LIMIT 1) RETURNING id";
constexpr std::string_view claim_postgresql =
    "UPDATE hosts SET claimed_at = :n1, updated_at = :n2, owner = :owner, expires_at = :expiry, "
    "lease_kind = :kind, lease_until = :until, key_pending = :pending WHERE id = ("
    "SELECT id FROM hosts WHERE pooled = 1 AND claimed_at IS NULL AND provider = :provider "
    "AND status = 'active' AND owner = '' AND teardown_at IS NULL AND expires_at > :n3 "
    "ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id";

} // namespace

std::optional<Host> claim(Session& sql, const Claim& claim, Timestamp now)
{
    std::optional<HostId> claimed;
    query<Columns<std::string>>(
        sql, sql.kind() == DatabaseKind::postgresql ? claim_postgresql : claim_sqlite,
        [&](const std::string& id) { claimed = HostId::parse(id); }, micros(now), micros(now), claim.replica,
        micros(claim.expires_at), static_cast<int>(claim.lease.kind()), micros(claim.lease.end()),
        claim.new_key ? 1 : 0, claim.provider, micros(now));
    return claimed ? host_table::find(sql, *claimed) : std::nullopt;
}

bool finish(Session& sql, const Host& host, const std::string& replica, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET owner = '', key_pending = 0, sealed_private_key = :key, "
                   "unclaimed = :unclaimed, expires_at = :expiry, updated_at = :now "
                   "WHERE id = :id AND owner = :owner AND status = 'active' AND teardown_at IS NULL",
                   host.sealed_private_key, host.unclaimed ? 1 : 0, micros(host.expires_at), micros(now),
                   host.id.str(), replica) > 0;
}

Members members(Session& sql, const std::string& provider, Timestamp good_until)
{
    Members result;
    query<Columns<std::string, std::string>>(
        sql,
        "SELECT id, status FROM hosts WHERE pooled = 1 AND claimed_at IS NULL AND provider = :provider "
        "AND teardown_at IS NULL AND status <> 'error' AND (status <> 'active' OR expires_at > :good) "
        "ORDER BY created_at, id",
        [&](const std::string& id, const std::string& status) {
            if (status == "active") {
                result.warm.push_back(HostId::parse(id).value());
            } else {
                ++result.making;
            }
        },
        provider, micros(good_until));
    return result;
}

std::vector<std::string> providers(Session& sql)
{
    std::vector<std::string> result;
    query<Columns<std::string>>(sql,
                                "SELECT DISTINCT provider FROM hosts WHERE pooled = 1 AND claimed_at IS NULL",
                                [&](const std::string& provider) { result.push_back(provider); });
    return result;
}

} // namespace drukbox::service::pool_table
