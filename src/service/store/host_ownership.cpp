#include "service/store/host_ownership.hpp"

#include "service/store/host_table.hpp"
#include "service/store/micros.hpp"
#include "service/store/statement.hpp"

namespace drukbox::service::host_ownership {

std::optional<Host> request_teardown(Session& sql, const HostId& id, const std::string& replica,
                                     Timestamp now)
{
    execute(
        sql,
        "UPDATE hosts SET teardown_at = COALESCE(teardown_at, :now), "
        "teardown_by = COALESCE(teardown_by, :by), owner = CASE WHEN owner = '' THEN :owner ELSE owner END "
        "WHERE id = :id",
        micros(now), replica, replica, id.str());
    return host_table::find(sql, id);
}

bool take_due(Session& sql, const HostId& id, const std::string& replica, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET teardown_at = COALESCE(teardown_at, :n1), owner = :owner "
                   "WHERE id = :id AND owner = '' AND (teardown_at IS NOT NULL OR expires_at <= :n2)",
                   micros(now), replica, id.str(), micros(now)) > 0;
}

bool take_surplus(Session& sql, const HostId& id, const std::string& replica, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET teardown_at = :now, owner = :owner WHERE id = :id AND owner = '' "
                   "AND pooled = 1 AND claimed_at IS NULL AND teardown_at IS NULL",
                   micros(now), replica, id.str()) > 0;
}

bool take_key_pending(Session& sql, const HostId& id, const std::string& replica)
{
    return execute(sql,
                   "UPDATE hosts SET owner = :owner WHERE id = :id AND owner = '' AND key_pending = 1 "
                   "AND status = 'active' AND teardown_at IS NULL",
                   replica, id.str()) > 0;
}

void hand_over(Session& sql, const HostId& id, const std::string& replica, bool vm_gone)
{
    execute(sql,
            "UPDATE hosts SET owner = COALESCE(teardown_by, ''), "
            "vm_intent = CASE WHEN :gone = 1 THEN 0 ELSE vm_intent END WHERE id = :id AND owner = :owner",
            vm_gone ? 1 : 0, id.str(), replica);
}

void release(Session& sql, const HostId& id, const std::string& replica)
{
    execute(sql, "UPDATE hosts SET owner = '', teardown_by = NULL WHERE id = :id AND owner = :owner",
            id.str(), replica);
}

std::vector<HostId> due(Session& sql, Timestamp now)
{
    std::vector<HostId> result;
    query<Columns<std::string>>(
        sql,
        "SELECT id FROM hosts WHERE owner = '' AND (expires_at <= :now OR teardown_at IS NOT NULL) "
        "ORDER BY expires_at",
        [&](const std::string& id) { result.push_back(HostId::parse(id).value()); }, micros(now));
    return result;
}

std::vector<HostId> teardown_requested(Session& sql, const std::string& replica)
{
    std::vector<HostId> result;
    query<Columns<std::string>>(
        sql, "SELECT id FROM hosts WHERE owner = :owner AND owner <> '' AND teardown_by <> :me",
        [&](const std::string& id) { result.push_back(HostId::parse(id).value()); }, replica, replica);
    return result;
}

std::vector<Owned> owned(Session& sql)
{
    std::vector<Owned> result;
    query<Columns<std::string, std::string>>(
        sql,
        "SELECT id, owner FROM hosts WHERE owner <> '' OR "
        "(teardown_at IS NULL AND status IN ('provisioning', 'creating_network', 'creating_vm', "
        "'bootstrapping'))",
        [&](const std::string& id, const std::string& owner) {
            result.push_back({HostId::parse(id).value(), owner});
        });
    return result;
}

} // namespace drukbox::service::host_ownership
