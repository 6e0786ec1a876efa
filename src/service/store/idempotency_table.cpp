#include "service/store/idempotency_table.hpp"

#include "service/store/session.hpp"

namespace drukbox::service::idempotency_table {
namespace {

long long micros(Timestamp time)
{
    return time.time_since_epoch().count();
}

} // namespace

std::optional<HostId> find(Session& sql, const std::string& key, Timestamp now)
{
    const auto at = micros(now);
    std::string host;
    sql << "SELECT host_id FROM idempotency_keys WHERE key = :key AND expires_at > :now", soci::use(key),
        soci::use(at), soci::into(host);
    return sql.got_data() ? HostId::parse(host) : std::nullopt;
}

void reserve(Session& sql, const std::string& key, const HostId& host, Timestamp expires_at, Timestamp now)
{
    const auto at = micros(now);
    const auto expiry = micros(expires_at);
    const auto id = host.str();
    sql << "DELETE FROM idempotency_keys WHERE key = :key AND expires_at <= :now", soci::use(key),
        soci::use(at);
    sql << "INSERT INTO idempotency_keys (key, host_id, expires_at) VALUES (:key, :host, :expiry)",
        soci::use(key), soci::use(id), soci::use(expiry);
}

void release(Session& sql, const HostId& host)
{
    const auto id = host.str();
    sql << "DELETE FROM idempotency_keys WHERE host_id = :host", soci::use(id);
}

void release_dead(Session& sql, Timestamp now)
{
    const auto at = micros(now);
    sql << "DELETE FROM idempotency_keys WHERE expires_at <= :now OR host_id IN "
           "(SELECT id FROM hosts WHERE status = 'error')",
        soci::use(at);
}

} // namespace drukbox::service::idempotency_table
