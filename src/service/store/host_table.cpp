#include "service/store/host_table.hpp"

#include "service/store/ended_host_table.hpp"
#include "service/store/host_row.hpp"
#include "service/store/micros.hpp"
#include "service/store/statement.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace drukbox::service::host_table {
namespace {

const std::string early_states = "('provisioning', 'creating_network', 'creating_vm', 'bootstrapping')";

const std::string select_hosts = "SELECT " + std::string{host_columns} + " FROM hosts ";

const std::string is_renewable = "status IN ('bootstrapping', 'active') AND teardown_at IS NULL AND (pooled "
                                 "= 0 OR claimed_at IS NOT NULL)";

constexpr int renewed = static_cast<int>(LeaseIntent::Kind::renewed);

std::vector<Renewed> renew_one_by_one(Session& sql, const std::vector<Renewal>& renewals)
{
    static const std::string text =
        "UPDATE hosts SET expires_at = :e1, lease_until = :e2, lease_kind = :kind, "
        "unclaimed = 0, updated_at = :now WHERE id = :id AND " +
        is_renewable;
    std::vector<Renewed> results(renewals.size());
    for (std::size_t i = 0; i < renewals.size(); ++i) {
        const auto& [id, until, now] = renewals[i];
        results[i].renewed =
            execute(sql, text, micros(until), micros(until), renewed, micros(now), id.str()) > 0;
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
        is_renewable + " RETURNING " + std::string{host_columns};
    std::string ids;
    std::string untils;
    std::string nows;
    char separator = '{';
    for (const auto& [id, until, now] : renewals) {
        ids += separator + id.str();
        untils += separator + std::to_string(micros(until));
        nows += separator + std::to_string(micros(now));
        separator = ',';
    }
    std::map<HostId, Host> rows;
    query<Columns<Host>>(
        sql, text,
        [&](Host host) {
            const auto id = host.id;
            rows.emplace(id, std::move(host));
        },
        ids + "}", untils + "}", nows + "}", renewed);
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
        "INSERT INTO hosts (" + std::string{host_columns} +
        ") VALUES (:a1, :a2, :a3, :a4, :a5, :a6, :a7, :a8, :a9, :b1, :b2, :b3, :b4, :b5, :b6, :b7, "
        ":b8, :b9, :c1, :c2, :c3, :c4, :c5, :c6, :c7, :c8, :c9, :d1, :d2)";
    execute(sql, text, host);
}

std::optional<Host> find(Session& sql, const HostId& id)
{
    static const std::string text = select_hosts + "WHERE id = :id";
    std::optional<Host> found;
    query<Columns<Host>>(sql, text, [&](Host host) { found = std::move(host); }, id.str());
    return found;
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
    std::map<HostId, Host> rows;
    query<Columns<Host>>(
        sql, text,
        [&](Host host) {
            const auto id = host.id;
            rows.emplace(id, std::move(host));
        },
        list + "}");
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
    std::vector<Host> hosts;
    query<Columns<Host>>(sql, text, [&](Host host) { hosts.push_back(std::move(host)); });
    return hosts;
}

std::vector<Host> list(Session& sql, const HostPage& page)
{
    static const std::string text =
        select_hosts + "WHERE (created_at, id) < (:time, :id) AND (:s1 = '' OR status = :s2) "
                       "AND (:p1 = '' OR provider = :p2) ORDER BY created_at DESC, id DESC LIMIT :limit";
    const auto time = page.after ? micros(page.after->created_at) : std::numeric_limits<long long>::max();
    const auto id = page.after ? page.after->id.str() : std::string{};
    const auto status = page.status ? std::string{to_string(*page.status)} : std::string{};
    const auto provider = page.provider.value_or("");
    std::vector<Host> hosts;
    query<Columns<Host>>(
        sql, text, [&](Host host) { hosts.push_back(std::move(host)); }, time, id, status, status, provider,
        provider, static_cast<long long>(page.limit));
    return hosts;
}

bool begin_network(Session& sql, const HostId& id, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET status = 'creating_network', updated_at = :now "
                   "WHERE id = :id AND status = 'provisioning' AND teardown_at IS NULL",
                   micros(now), id.str()) > 0;
}

bool begin_vm(Session& sql, const HostId& id, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET status = 'creating_vm', vm_intent = 1, updated_at = :now "
                   "WHERE id = :id AND status IN ('provisioning', 'creating_network') "
                   "AND teardown_at IS NULL",
                   micros(now), id.str()) > 0;
}

bool begin_bootstrap(Session& sql, const Host& host, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET status = 'bootstrapping', name = :name, external_ssh_host = :host, "
                   "external_ssh_port = :port, ssh_username = :user, known_hosts = :known, "
                   "internal_ssh_host = :inner, updated_at = :now "
                   "WHERE id = :id AND status = 'creating_vm' AND teardown_at IS NULL",
                   host.name, host.external_ssh_host, int{host.external_ssh_port}, host.ssh_username,
                   host.known_hosts, host.internal_ssh_host, micros(now), host.id.str()) > 0;
}

bool record_device(Session& sql, const HostId& id, const std::string& device, Timestamp now)
{
    return execute(sql, "UPDATE hosts SET tailscale_device_id = :device, updated_at = :now WHERE id = :id",
                   device, micros(now), id.str()) > 0;
}

void clear_device(Session& sql, const HostId& id, Timestamp now)
{
    execute(sql, "UPDATE hosts SET tailscale_device_id = NULL, updated_at = :now WHERE id = :id", micros(now),
            id.str());
}

bool record_known_hosts(Session& sql, const HostId& id, const std::string& lines, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET known_hosts = :known, updated_at = :now "
                   "WHERE id = :id AND status = 'bootstrapping' AND teardown_at IS NULL",
                   lines, micros(now), id.str()) > 0;
}

bool activate(Session& sql, const HostId& id, std::optional<Timestamp> expires_at, bool unclaimed,
              Timestamp now)
{
    const auto at = micros(now);
    return execute(sql,
                   "UPDATE hosts SET status = 'active', "
                   "expires_at = CASE WHEN lease_kind = :r1 THEN expires_at ELSE :expiry END, "
                   "unclaimed = CASE WHEN lease_kind = :r2 THEN 0 ELSE :flag END, "
                   "activated_at = :n1, updated_at = :n2, owner = '' "
                   "WHERE id = :id AND status = 'bootstrapping' AND teardown_at IS NULL",
                   renewed, micros(expires_at), renewed, unclaimed ? 1 : 0, at, at, id.str()) > 0;
}

bool extend_grace(Session& sql, const HostId& id, Timestamp until)
{
    const auto at = micros(until);
    return execute(sql,
                   "UPDATE hosts SET expires_at = CASE WHEN expires_at < :u1 THEN :u2 ELSE expires_at END "
                   "WHERE id = :id AND lease_kind <> :renewed AND teardown_at IS NULL AND status IN " +
                       early_states,
                   at, at, id.str(), renewed) > 0;
}

bool fail(Session& sql, const HostId& id, const std::string& last_error, Timestamp now)
{
    const auto at = micros(now);
    return execute(sql,
                   "UPDATE hosts SET status = 'error', last_error = :error, expires_at = :n1, "
                   "updated_at = :n2 WHERE id = :id AND teardown_at IS NULL AND status IN " +
                       early_states,
                   last_error, at, at, id.str()) > 0;
}

bool lose(Session& sql, const HostId& id, const std::string& owner, const std::string& last_error,
          Timestamp now)
{
    const auto at = micros(now);
    return execute(sql,
                   "UPDATE hosts SET status = 'error', last_error = :error, expires_at = :n1, "
                   "updated_at = :n2, owner = '' WHERE id = :id AND owner = :owner "
                   "AND teardown_at IS NULL AND status = 'active'",
                   last_error, at, at, id.str(), owner) > 0;
}

std::vector<Renewed> renew_all(Session& sql, const std::vector<Renewal>& renewals)
{
    return sql.kind() == DatabaseKind::postgresql ? renew_together(sql, renewals)
                                                  : renew_one_by_one(sql, renewals);
}

bool claim(Session& sql, const HostId& id, std::optional<Timestamp> expires_at, Timestamp now)
{
    return execute(sql,
                   "UPDATE hosts SET expires_at = :expiry, unclaimed = 0, updated_at = :now "
                   "WHERE id = :id AND unclaimed = 1 AND status = 'active' AND teardown_at IS NULL",
                   micros(expires_at), micros(now), id.str()) > 0;
}

bool erase(Session& sql, const HostId& id, Timestamp now)
{
    ended_host_table::remember(sql, id, now);
    return execute(sql, "DELETE FROM hosts WHERE id = :id", id.str()) > 0;
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
    std::vector<Recorded> result;
    const auto add = [&](const std::string& id, const std::string& name, const std::string& status,
                         const std::string& owner, std::optional<long long> expires_at,
                         std::optional<long long> activated_at, std::optional<long long> teardown_at) {
        Recorded row;
        row.id = HostId::parse(id).value();
        row.name = name;
        row.settled = status == "active" && owner.empty() && !teardown_at;
        row.expires_at = from_micros(expires_at);
        row.activated_at = from_micros(activated_at);
        result.push_back(std::move(row));
    };
    query<Columns<std::string, std::string, std::string, std::string, std::optional<long long>,
                  std::optional<long long>, std::optional<long long>>>(
        sql,
        "SELECT id, name, status, owner, expires_at, activated_at, teardown_at FROM hosts "
        "WHERE provider = :provider",
        add, provider);
    return result;
}

} // namespace drukbox::service::host_table
