#include "service/store/host_ownership.hpp"

#include "service/records/host_state.hpp"
#include "service/store/host_table.hpp"
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
        now, replica, replica, id);
    return host_table::find(sql, id);
}

bool take_due(Session& sql, const HostId& id, const std::string& replica, Timestamp now)
{
    static const std::string text = "UPDATE hosts SET teardown_at = COALESCE(teardown_at, :now), "
                                    "owner = :owner WHERE id = :id AND " +
                                    host_state::due.sql();
    return execute(sql, text, now, replica, id, now) > 0;
}

bool take_surplus(Session& sql, const HostId& id, const std::string& replica, Timestamp now)
{
    static const std::string text =
        "UPDATE hosts SET teardown_at = :now, owner = :owner WHERE id = :id AND " +
        host_state::may_be_shed.sql();
    return execute(sql, text, now, replica, id) > 0;
}

bool take_key_pending(Session& sql, const HostId& id, const std::string& replica)
{
    static const std::string text =
        "UPDATE hosts SET owner = :owner WHERE id = :id AND " + host_state::awaits_key.sql();
    return execute(sql, text, replica, id) > 0;
}

void hand_over(Session& sql, const HostId& id, const std::string& replica, bool vm_gone)
{
    execute(sql,
            "UPDATE hosts SET owner = COALESCE(teardown_by, ''), "
            "vm_intent = CASE WHEN :gone = 1 THEN 0 ELSE vm_intent END WHERE id = :id AND owner = :owner",
            vm_gone, id, replica);
}

void release(Session& sql, const HostId& id, const std::string& replica)
{
    execute(sql, "UPDATE hosts SET owner = '', teardown_by = NULL WHERE id = :id AND owner = :owner", id,
            replica);
}

std::vector<HostId> due(Session& sql, Timestamp now)
{
    static const std::string text =
        "SELECT id FROM hosts WHERE " + host_state::due.sql() + " ORDER BY expires_at";
    return select_all<HostId>(sql, text, now);
}

std::vector<HostId> teardown_requested(Session& sql, const std::string& replica)
{
    static const std::string text =
        "SELECT id FROM hosts WHERE owner = :owner AND " + host_state::wanted_by_another.sql();
    return select_all<HostId>(sql, text, replica);
}

std::vector<Owned> owned(Session& sql)
{
    static const std::string text = "SELECT id, owner FROM hosts WHERE " + host_state::needs_owner.sql();
    std::vector<Owned> result;
    query<Columns<HostId, std::string>>(
        sql, text, [&](const HostId& id, const std::string& owner) { result.push_back({id, owner}); });
    return result;
}

} // namespace drukbox::service::host_ownership
