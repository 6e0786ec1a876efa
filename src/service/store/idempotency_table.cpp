#include "service/store/idempotency_table.hpp"

#include "service/store/micros.hpp"
#include "service/store/statement.hpp"

namespace drukbox::service::idempotency_table {

std::optional<Binding> find(Session& sql, const std::string& key, Timestamp now)
{
    std::optional<Binding> binding;
    query<Columns<std::string, std::string, std::string, std::string>>(
        sql,
        "SELECT host_id, account, asked_digest, request_digest FROM idempotency_keys "
        "WHERE key = :key AND expires_at > :now",
        [&](const std::string& id, const std::string& account, const std::string& asked,
            const std::string& meant) {
            binding.emplace(HostId::parse(id).value(), account, wire::KeyUse{asked, meant});
        },
        key, micros(now));
    return binding;
}

void reserve(Session& sql, const std::string& key, const Binding& binding, Timestamp expires_at,
             Timestamp now)
{
    execute(sql, "DELETE FROM idempotency_keys WHERE key = :key AND expires_at <= :now", key, micros(now));
    execute(sql,
            "INSERT INTO idempotency_keys (key, host_id, account, asked_digest, request_digest, expires_at) "
            "VALUES (:key, :host, :account, :asked, :meant, :expiry)",
            key, binding.host.str(), binding.account, binding.use.asked, binding.use.meant,
            micros(expires_at));
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
