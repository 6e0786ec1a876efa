#include "service/store/idempotency_table.hpp"

#include "service/store/micros.hpp"
#include "service/store/statement.hpp"

namespace drukbox::service::idempotency_table {

std::optional<HostId> find(Session& sql, const std::string& key, Timestamp now)
{
    std::optional<HostId> host;
    query<Columns<std::string>>(
        sql, "SELECT host_id FROM idempotency_keys WHERE key = :key AND expires_at > :now",
        [&](const std::string& id) { host = HostId::parse(id); }, key, micros(now));
    return host;
}

void reserve(Session& sql, const std::string& key, const HostId& host, Timestamp expires_at, Timestamp now)
{
    execute(sql, "DELETE FROM idempotency_keys WHERE key = :key AND expires_at <= :now", key, micros(now));
    execute(sql, "INSERT INTO idempotency_keys (key, host_id, expires_at) VALUES (:key, :host, :expiry)", key,
            host.str(), micros(expires_at));
}

void release(Session& sql, const HostId& host)
{
    execute(sql, "DELETE FROM idempotency_keys WHERE host_id = :host", host.str());
}

void forget(Session& sql, Timestamp now)
{
    execute(sql, "DELETE FROM idempotency_keys WHERE expires_at <= :now", micros(now));
}

} // namespace drukbox::service::idempotency_table
