#include "service/store/host_table.hpp"

#include "service/records/host_state.hpp"
#include "service/store/ended_host_table.hpp"
#include "service/store/host_row.hpp"
#include "service/store/statement.hpp"

#include <algorithm>
#include <map>

namespace drukbox::service::host_table {
namespace {

const std::string select_hosts = "SELECT " + host_column_names() + " FROM hosts ";

/// Changes the row of a host of which a condition holds. The values are for the marks in their order.
template <class Condition, class... Values>
bool change(Session& sql, const HostId& id, std::string_view what, const Condition& condition,
            const Values&... values)
{
    const auto text = "UPDATE hosts SET " + std::string{what} + " WHERE id = :id AND " + condition.sql();
    return execute(sql, text, values..., id) > 0;
}

template <class... Values>
std::map<HostId, Host> hosts_by_id(Session& sql, const std::string& text, const Values&... values)
{
    std::map<HostId, Host> hosts;
    const auto add = [&](Host host) {
        const auto id = host.id;
        hosts.emplace(id, std::move(host));
    };
    query<Columns<Host>>(sql, text, add, values...);
    return hosts;
}

std::vector<Renewed> renew_one_by_one(Session& sql, const std::vector<Renewal>& renewals)
{
    static const std::string text =
        "UPDATE hosts SET expires_at = :e1, lease_until = :e2, lease_kind = :kind, "
        "unclaimed = 0, updated_at = :now WHERE id = :id AND " +
        host_state::renewable.sql();
    std::vector<Renewed> results(renewals.size());
    for (std::size_t i = 0; i < renewals.size(); ++i) {
        const auto& [id, until, now] = renewals[i];
        results[i].renewed = execute(sql, text, until, until, LeaseIntent::Kind::renewed, now, id) > 0;
        results[i].host = find(sql, id);
    }
    return results;
}

/// The rows are locked in the order of their ids: two replicas that renew the same hosts cannot lock each
/// other out.
std::vector<Renewed> renew_together(Session& sql, const std::vector<Renewal>& renewals)
{
    static const std::string text =
        "WITH asked AS (SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:untils AS bigint[]), "
        "CAST(:nows AS bigint[])) AS asked (host, until, moment)), "
        "locked AS (SELECT id AS host FROM hosts WHERE id IN (SELECT host FROM asked) ORDER BY id FOR "
        "UPDATE) "
        "UPDATE hosts SET expires_at = until, lease_until = until, lease_kind = :kind, unclaimed = 0, "
        "updated_at = moment FROM asked JOIN locked USING (host) WHERE id = host AND " +
        host_state::renewable.sql() + " RETURNING " + host_column_names();
    std::string ids;
    std::string untils;
    std::string nows;
    char separator = '{';
    for (const auto& [id, until, now] : renewals) {
        ids += separator + id.str();
        untils += separator + std::to_string(Codec<Timestamp>::encode(until));
        nows += separator + std::to_string(Codec<Timestamp>::encode(now));
        separator = ',';
    }
    auto rows = hosts_by_id(sql, text, ids + "}", untils + "}", nows + "}", LeaseIntent::Kind::renewed);
    std::vector<Renewed> results(renewals.size());
    for (std::size_t i = 0; i < renewals.size(); ++i) {
        if (auto row = rows.find(renewals[i].id); row != rows.end()) {
            results[i].renewed = true;
            results[i].host = std::move(row->second);
        } else {
            results[i].host = find(sql, renewals[i].id);
        }
    }
    return results;
}

} // namespace

void insert(Session& sql, const Host& host)
{
    static const std::string text =
        "INSERT INTO hosts (" + host_column_names() + ") VALUES (" + host_column_names(":") + ")";
    execute(sql, text, host);
}

std::optional<Host> find(Session& sql, const HostId& id)
{
    static const std::string text = select_hosts + "WHERE id = :id";
    return select_one<Host>(sql, text, id);
}

std::vector<std::optional<Host>> find_all(Session& sql, const std::vector<HostId>& wanted)
{
    std::vector<std::optional<Host>> found(wanted.size());
    if (sql.kind() == DatabaseKind::sqlite) {
        std::ranges::transform(wanted, found.begin(), [&](const HostId& id) { return find(sql, id); });
        return found;
    }
    static const std::string text = select_hosts + "WHERE id = ANY(CAST(:ids AS text[]))";
    std::string list;
    for (const auto& id : wanted) {
        list += (list.empty() ? "{" : ",") + id.str();
    }
    const auto rows = hosts_by_id(sql, text, list + "}");
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (const auto row = rows.find(wanted[i]); row != rows.end()) {
            found[i] = row->second;
        }
    }
    return found;
}

std::vector<Host> list(Session& sql)
{
    static const std::string text = select_hosts + "ORDER BY created_at DESC, id DESC";
    return select_all<Host>(sql, text);
}

std::vector<Host> list(Session& sql, const HostPage& page)
{
    static const std::string text =
        select_hosts + "WHERE (created_at, id) < (:time, :id) AND (:s1 = '' OR status = :s2) "
                       "AND (:p1 = '' OR provider = :p2) ORDER BY created_at DESC, id DESC LIMIT :limit";
    const auto time = page.after ? page.after->created_at : Timestamp::max();
    const auto id = page.after ? page.after->id : HostId{};
    const auto status = page.status ? std::string{to_string(*page.status)} : std::string{};
    const auto provider = page.provider.value_or("");
    return select_all<Host>(sql, text, time, id, status, status, provider, provider,
                            static_cast<long long>(page.limit));
}

bool begin_network(Session& sql, const HostId& id, Timestamp now)
{
    return change(sql, id, "status = 'creating_network', updated_at = :now", host_state::may_begin_network,
                  now);
}

bool begin_vm(Session& sql, const HostId& id, Timestamp now)
{
    return change(sql, id, "status = 'creating_vm', vm_intent = 1, updated_at = :now",
                  host_state::may_begin_vm, now);
}

bool begin_bootstrap(Session& sql, const Host& host, Timestamp now)
{
    return change(sql, host.id,
                  "status = 'bootstrapping', name = :name, external_ssh_host = :host, "
                  "external_ssh_port = :port, ssh_username = :user, known_hosts = :known, "
                  "internal_ssh_host = :inner, updated_at = :now",
                  host_state::may_begin_bootstrap, host.name, host.external_ssh_host, host.external_ssh_port,
                  host.ssh_username, host.known_hosts, host.internal_ssh_host, now);
}

bool record_device(Session& sql, const HostId& id, const std::string& device, Timestamp now)
{
    return execute(sql, "UPDATE hosts SET tailscale_device_id = :device, updated_at = :now WHERE id = :id",
                   device, now, id) > 0;
}

void clear_device(Session& sql, const HostId& id, Timestamp now)
{
    execute(sql, "UPDATE hosts SET tailscale_device_id = NULL, updated_at = :now WHERE id = :id", now, id);
}

bool record_known_hosts(Session& sql, const HostId& id, const std::string& lines, Timestamp now)
{
    return change(sql, id, "known_hosts = :known, updated_at = :now", host_state::may_activate, lines, now);
}

bool activate(Session& sql, const HostId& id, std::optional<Timestamp> expires_at, bool unclaimed,
              Timestamp now)
{
    static const std::string what =
        "status = 'active', owner = '', activated_at = :n1, updated_at = :n2, expires_at = CASE WHEN " +
        host_state::lease_is_renewed.sql() + " THEN expires_at ELSE :expiry END, unclaimed = CASE WHEN " +
        host_state::lease_is_renewed.sql() + " THEN 0 ELSE :flag END";
    return change(sql, id, what, host_state::may_activate, now, now, expires_at, unclaimed);
}

bool extend_grace(Session& sql, const HostId& id, Timestamp until)
{
    return change(sql, id, "expires_at = CASE WHEN expires_at < :u1 THEN :u2 ELSE expires_at END",
                  host_state::on_safety_lease, until, until);
}

bool fail(Session& sql, const HostId& id, const std::string& last_error, Timestamp now)
{
    return change(sql, id, "status = 'error', last_error = :error, expires_at = :n1, updated_at = :n2",
                  host_state::in_the_making, last_error, now, now);
}

bool lose(Session& sql, const HostId& id, const std::string& owner, const std::string& last_error,
          Timestamp now)
{
    static const std::string text =
        "UPDATE hosts SET status = 'error', last_error = :error, expires_at = :n1, updated_at = :n2, "
        "owner = '' WHERE id = :id AND owner = :owner AND " +
        host_state::live.sql();
    return execute(sql, text, last_error, now, now, id, owner) > 0;
}

std::vector<Renewed> renew_all(Session& sql, const std::vector<Renewal>& renewals)
{
    return sql.kind() == DatabaseKind::postgresql ? renew_together(sql, renewals)
                                                  : renew_one_by_one(sql, renewals);
}

bool claim(Session& sql, const HostId& id, std::optional<Timestamp> expires_at, Timestamp now)
{
    return change(sql, id, "expires_at = :expiry, unclaimed = 0, updated_at = :now",
                  host_state::may_be_claimed, expires_at, now);
}

bool erase(Session& sql, const HostId& id, Timestamp now)
{
    ended_host_table::remember(sql, id, now);
    return execute(sql, "DELETE FROM hosts WHERE id = :id", id) > 0;
}

std::map<std::pair<std::string, std::string>, std::uint64_t> count_by_state(Session& sql)
{
    std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
    const auto add = [&](const std::string& provider, const std::string& status, long long count) {
        counts.emplace(std::pair{provider, status}, static_cast<std::uint64_t>(count));
    };
    query<Columns<std::string, std::string, long long>>(
        sql, "SELECT provider, status, COUNT(*) FROM hosts GROUP BY provider, status", add);
    return counts;
}

std::vector<Recorded> recorded(Session& sql, const std::string& provider)
{
    static const std::string text = "SELECT id, name, CASE WHEN " + host_state::settled.sql() +
                                    " THEN 1 ELSE 0 END, expires_at, activated_at FROM hosts "
                                    "WHERE provider = :provider";
    std::vector<Recorded> result;
    const auto add = [&](const HostId& id, const std::string& name, bool settled,
                         std::optional<Timestamp> expires_at, std::optional<Timestamp> activated_at) {
        result.push_back({id, name, settled, expires_at, activated_at});
    };
    query<Columns<HostId, std::string, bool, std::optional<Timestamp>, std::optional<Timestamp>>>(
        sql, text, add, provider);
    return result;
}

} // namespace drukbox::service::host_table
