#include "service/store/ended_host_table.hpp"

#include "service/store/statement.hpp"

namespace drukbox::service::ended_host_table {

void remember(Session& sql, const HostId& id, Timestamp now)
{
    // The provider may have given the machine a name of its own: both lead to it.
    execute(
        sql,
        "INSERT INTO ended_hosts (id, name, own_name, provider, last_error, ended_at) "
        "SELECT id, name, CAST(:own AS TEXT), provider, CASE WHEN activated_at IS NOT NULL THEN '' "
        "WHEN last_error <> '' THEN last_error "
        "ELSE 'HostDeleted: the host was deleted while it was being provisioned' END, CAST(:now AS BIGINT) "
        "FROM hosts WHERE id = :id ON CONFLICT (id) DO NOTHING",
        host_name(id), now, id);
}

std::optional<std::string> last_error(Session& sql, const HostId& id)
{
    return select_one<std::string>(sql, "SELECT last_error FROM ended_hosts WHERE id = :id", id);
}

bool owned(Session& sql, const std::string& provider, const std::string& vm)
{
    const auto owners = select_all<std::string>(
        sql, "SELECT id FROM ended_hosts WHERE provider = :provider AND (name = :vm1 OR own_name = :vm2)",
        provider, vm, vm);
    return !owners.empty();
}

void forget(Session& sql, Timestamp before)
{
    execute(sql, "DELETE FROM ended_hosts WHERE ended_at <= :before", before);
}

} // namespace drukbox::service::ended_host_table
