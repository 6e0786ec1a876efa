#include "service/store/idempotency_table.hpp"

#include "service/store/statement.hpp"

namespace drukbox::service::idempotency_table {

std::optional<Binding> find(Session& sql, const std::string& key, Timestamp now)
{
    std::optional<Binding> binding;
    query<Columns<HostId, std::string, std::string, std::string>>(
        sql,
        "SELECT host_id, account, asked_digest, request_digest FROM idempotency_keys "
        "WHERE key = :key AND expires_at > :now",
        [&](const HostId& id, const std::string& account, const std::string& asked,
            const std::string& meant) { binding.emplace(id, account, wire::KeyUse{asked, meant}); },
        key, now);
    return binding;
}

void reserve(Session& sql, const std::string& key, const Binding& binding, Timestamp expires_at,
             Timestamp now)
{
    execute(sql, "DELETE FROM idempotency_keys WHERE key = :key AND expires_at <= :now", key, now);
    execute(sql,
            "INSERT INTO idempotency_keys (key, host_id, account, asked_digest, request_digest, expires_at) "
            "VALUES (:key, :host, :account, :asked, :meant, :expiry)",
            key, binding.host, binding.account, binding.use.asked, binding.use.meant, expires_at);
}

void release(Session& sql, const HostId& host)
{
    execute(sql, "DELETE FROM idempotency_keys WHERE host_id = :host", host);
}

void forget(Session& sql, Timestamp now)
{
    execute(sql, "DELETE FROM idempotency_keys WHERE expires_at <= :now", now);
}

} // namespace drukbox::service::idempotency_table
