#include "service/store/replica_table.hpp"

#include "service/store/micros.hpp"
#include "service/store/statement.hpp"

namespace drukbox::service::replica_table {

Timestamp clock(Session& sql, Timestamp here)
{
    if (sql.kind() == DatabaseKind::sqlite) {
        return here;
    }
    long long now = 0;
    query<Columns<long long>>(sql, "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
                              [&](long long value) { now = value; });
    return from_micros(now);
}

void extend(Session& sql, const std::string& id, Timestamp until)
{
    execute(sql,
            "INSERT INTO replicas (id, expires_at) VALUES (:id, :until) "
            "ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at",
            id, micros(until));
}

bool lead(Session& sql, const std::string& id, Timestamp until, Timestamp now)
{
    return execute(
               sql,
               "INSERT INTO leadership (name, holder, expires_at) VALUES ('reconciler', :id, :until) "
               "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at "
               "WHERE leadership.holder = excluded.holder OR leadership.expires_at <= :now",
               id, micros(until), micros(now)) > 0;
}

void leave(Session& sql, const std::string& id)
{
    execute(sql, "DELETE FROM leadership WHERE holder = :id", id);
    execute(sql, "DELETE FROM replicas WHERE id = :id", id);
}

std::set<std::string> alive(Session& sql, Timestamp now)
{
    std::set<std::string> result;
    query<Columns<std::string>>(
        sql, "SELECT id FROM replicas WHERE expires_at > :now",
        [&](const std::string& id) { result.insert(id); }, micros(now));
    return result;
}

void forget(Session& sql, Timestamp before)
{
    execute(sql, "DELETE FROM replicas WHERE expires_at <= :before", micros(before));
}

} // namespace drukbox::service::replica_table
