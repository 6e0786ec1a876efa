#include "service/store/replica_table.hpp"

#include "service/store/statement.hpp"

namespace drukbox::service::replica_table {

Timestamp clock(Session& sql, Timestamp here)
{
    if (sql.kind() == DatabaseKind::sqlite) {
        return here;
    }
    return select_one<Timestamp>(sql,
                                 "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)")
        .value();
}

void extend(Session& sql, const std::string& id, Timestamp until)
{
    execute(sql,
            "INSERT INTO replicas (id, expires_at) VALUES (:id, :until) "
            "ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at",
            id, until);
}

bool lead(Session& sql, const std::string& id, Timestamp until, Timestamp now)
{
    return execute(
               sql,
               "INSERT INTO leadership (name, holder, expires_at) VALUES ('reconciler', :id, :until) "
               "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at "
               "WHERE leadership.holder = excluded.holder OR leadership.expires_at <= :now",
               id, until, now) > 0;
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
        [&](const std::string& id) { result.insert(id); }, now);
    return result;
}

void forget(Session& sql, Timestamp before)
{
    execute(sql, "DELETE FROM replicas WHERE expires_at <= :before", before);
}

} // namespace drukbox::service::replica_table
