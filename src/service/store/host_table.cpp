#include "service/store/host_table.hpp"

#include "service/store/session.hpp"

#include <array>

namespace drukbox::service::host_table {
namespace {

using soci::into;
using soci::use;

constexpr std::string_view columns =
    "id, name, status, provider, image, instance_type, disk_gb, external_ssh_host, external_ssh_port, "
    "ssh_username, "
    "internal_ssh_host, known_hosts, tailscale_device_id, last_error, created_at, updated_at, activated_at, "
    "expires_at, lease_kind, lease_until, unclaimed, vm_intent, teardown_at, sealed_private_key";

constexpr std::string_view early_states =
    "('provisioning', 'creating_network', 'creating_vm', 'bootstrapping')";

long long micros(Timestamp time)
{
    return time.time_since_epoch().count();
}

Timestamp from_micros(long long value)
{
    return Timestamp{std::chrono::microseconds{value}};
}

/// A value that may be NULL, bound to a statement for reading or writing.
template <class T>
class Nullable
{
public:
    Nullable() = default;

    explicit Nullable(const std::optional<T>& given)
        : value(given.value_or(T{}))
        , state(given ? soci::i_ok : soci::i_null)
    {
    }

    [[nodiscard]] std::optional<T> get() const
    {
        return state == soci::i_ok ? std::optional{value} : std::nullopt;
    }

    T value{};
    soci::indicator state = soci::i_null;
};

std::optional<long long> micros(const std::optional<Timestamp>& time)
{
    return time ? std::optional{micros(*time)} : std::nullopt;
}

std::optional<Timestamp> from_micros(const std::optional<long long>& value)
{
    return value ? std::optional{from_micros(*value)} : std::nullopt;
}

/// The columns of one row, in the order of `columns`, as SOCI binds them.
class Row
{
public:
    Row() = default;

    explicit Row(const Host& host)
        : id(host.id.str())
        , name(host.name)
        , status(to_string(host.status))
        , provider(host.provider)
        , image(host.image)
        , instance_type(host.instance_type)
        , disk_gb(host.disk_gb ? std::optional<long long>{*host.disk_gb} : std::nullopt)
        , external_ssh_host(host.external_ssh_host)
        , external_ssh_port(host.external_ssh_port)
        , ssh_username(host.ssh_username)
        , internal_ssh_host(host.internal_ssh_host)
        , known_hosts(host.known_hosts)
        , tailscale_device_id(host.tailscale_device_id)
        , last_error(host.last_error)
        , created_at(micros(host.created_at))
        , updated_at(micros(host.updated_at))
        , activated_at(micros(host.activated_at))
        , expires_at(micros(host.expires_at))
        , lease_kind(static_cast<int>(host.lease.kind()))
        , lease_until(micros(host.lease.end()))
        , unclaimed(host.unclaimed ? 1 : 0)
        , vm_intent(host.vm_intent ? 1 : 0)
        , teardown_at(micros(host.teardown_at))
        , sealed_private_key(host.sealed_private_key)
    {
    }

    /// Applies `bind` to every column: `soci::into` for reading.
    void read_with(soci::statement& statement)
    {
        const auto one = [&](auto& column) { statement.exchange(into(column)); };
        const auto nullable = [&](auto& column) { statement.exchange(into(column.value, column.state)); };
        each(one, nullable);
    }

    void write_with(soci::statement& statement)
    {
        const auto one = [&](auto& column) { statement.exchange(use(column)); };
        const auto nullable = [&](auto& column) { statement.exchange(use(column.value, column.state)); };
        each(one, nullable);
    }

    [[nodiscard]] Host host() const
    {
        Host host;
        host.id = HostId::parse(id).value();
        host.name = name;
        host.status = host_status(status);
        host.provider = provider;
        host.image = image;
        host.instance_type = instance_type.get();
        host.disk_gb = disk_gb.get();
        host.external_ssh_host = external_ssh_host;
        host.external_ssh_port = static_cast<std::uint16_t>(external_ssh_port);
        host.ssh_username = ssh_username;
        host.internal_ssh_host = internal_ssh_host.get();
        host.known_hosts = known_hosts;
        host.tailscale_device_id = tailscale_device_id.get();
        host.last_error = last_error;
        host.created_at = from_micros(created_at);
        host.updated_at = from_micros(updated_at);
        host.activated_at = from_micros(activated_at.get());
        host.expires_at = from_micros(expires_at.get());
        host.lease = LeaseIntent{static_cast<LeaseIntent::Kind>(lease_kind), from_micros(lease_until.get())};
        host.unclaimed = unclaimed != 0;
        host.vm_intent = vm_intent != 0;
        host.teardown_at = from_micros(teardown_at.get());
        host.sealed_private_key = sealed_private_key;
        return host;
    }

private:
    template <class One, class Null>
    void each(One one, Null nullable)
    {
        one(id);
        one(name);
        one(status);
        one(provider);
        one(image);
        nullable(instance_type);
        nullable(disk_gb);
        one(external_ssh_host);
        one(external_ssh_port);
        one(ssh_username);
        nullable(internal_ssh_host);
        one(known_hosts);
        nullable(tailscale_device_id);
        one(last_error);
        one(created_at);
        one(updated_at);
        nullable(activated_at);
        nullable(expires_at);
        one(lease_kind);
        nullable(lease_until);
        one(unclaimed);
        one(vm_intent);
        nullable(teardown_at);
        one(sealed_private_key);
    }

    std::string id;
    std::string name;
    std::string status;
    std::string provider;
    std::string image;
    Nullable<std::string> instance_type;
    Nullable<long long> disk_gb;
    std::string external_ssh_host;
    int external_ssh_port = 0;
    std::string ssh_username;
    Nullable<std::string> internal_ssh_host;
    std::string known_hosts;
    Nullable<std::string> tailscale_device_id;
    std::string last_error;
    long long created_at = 0;
    long long updated_at = 0;
    Nullable<long long> activated_at;
    Nullable<long long> expires_at;
    int lease_kind = 0;
    Nullable<long long> lease_until;
    int unclaimed = 0;
    int vm_intent = 0;
    Nullable<long long> teardown_at;
    std::string sealed_private_key;
};

std::vector<Host> select(Session& sql, const std::string& condition, const std::string* parameter)
{
    Row row;
    soci::statement statement{sql};
    row.read_with(statement);
    if (parameter != nullptr) {
        statement.exchange(use(*parameter));
    }
    statement.alloc();
    statement.prepare("SELECT " + std::string{columns} + " FROM hosts " + condition);
    statement.define_and_bind();
    statement.execute(false);
    std::vector<Host> hosts;
    while (statement.fetch()) {
        hosts.push_back(row.host());
    }
    return hosts;
}

/// An UPDATE of one row; its values are bound in the order of the arguments. Tells whether it changed the
/// row.
template <class... Values>
bool update(Session& sql, std::string_view assignments_and_condition, Values&... values)
{
    soci::statement statement{sql};
    (statement.exchange(use(values)), ...);
    statement.alloc();
    statement.prepare("UPDATE hosts SET " + std::string{assignments_and_condition});
    statement.define_and_bind();
    statement.execute(true);
    return statement.get_affected_rows() > 0;
}

bool end_in_error(Session& sql, const HostId& id, const std::string& last_error, Timestamp now,
                  std::string_view states)
{
    const auto at = micros(now);
    const auto key = id.str();
    return update(sql,
                  "status = 'error', last_error = :error, expires_at = :n1, updated_at = :n2 "
                  "WHERE id = :id AND teardown_at IS NULL AND status IN " +
                      std::string{states},
                  last_error, at, at, key);
}

std::vector<HostId> fetch_ids(soci::statement& statement, const std::string& id)
{
    statement.execute(false);
    std::vector<HostId> ids;
    while (statement.fetch()) {
        ids.push_back(HostId::parse(id).value());
    }
    return ids;
}

} // namespace

void insert(Session& sql, const Host& host)
{
    constexpr std::string_view marks =
        ":a1, :a2, :a3, :a4, :a5, :a6, :a7, :a8, :a9, :b1, :b2, :b3, :b4, :b5, :b6, :b7, "
        ":b8, :b9, :c1, :c2, :c3, :c4, :c5, :c6";
    Row row{host};
    soci::statement statement{sql};
    row.write_with(statement);
    statement.alloc();
    statement.prepare("INSERT INTO hosts (" + std::string{columns} + ") VALUES (" + std::string{marks} + ")");
    statement.define_and_bind();
    statement.execute(true);
}

std::optional<Host> find(Session& sql, const HostId& id)
{
    const auto key = id.str();
    auto hosts = select(sql, "WHERE id = :id", &key);
    return hosts.empty() ? std::nullopt : std::optional{std::move(hosts.front())};
}

std::vector<Host> list(Session& sql)
{
    return select(sql, "ORDER BY created_at DESC, id DESC", nullptr);
}

bool begin_vm(Session& sql, const HostId& id, Timestamp now)
{
    const auto at = micros(now);
    const auto key = id.str();
    return update(sql,
                  "status = 'creating_vm', vm_intent = 1, updated_at = :now "
                  "WHERE id = :id AND status IN ('provisioning', 'creating_network') AND teardown_at IS NULL",
                  at, key);
}

bool begin_bootstrap(Session& sql, const Host& host, Timestamp now)
{
    const int port = host.external_ssh_port;
    const auto at = micros(now);
    const auto key = host.id.str();
    return update(
        sql,
        "status = 'bootstrapping', name = :name, external_ssh_host = :host, external_ssh_port = :port, "
        "ssh_username = :user, known_hosts = :known, updated_at = :now "
        "WHERE id = :id AND status = 'creating_vm' AND teardown_at IS NULL",
        host.name, host.external_ssh_host, port, host.ssh_username, host.known_hosts, at, key);
}

bool activate(Session& sql, const HostId& id, std::optional<Timestamp> expires_at, bool unclaimed,
              Timestamp now)
{
    Nullable<long long> expiry{micros(expires_at)};
    const int renewed = static_cast<int>(LeaseIntent::Kind::renewed);
    const int flag = unclaimed ? 1 : 0;
    const auto at = micros(now);
    const auto key = id.str();
    soci::statement statement{sql};
    statement.exchange(use(renewed));
    statement.exchange(use(expiry.value, expiry.state));
    statement.exchange(use(renewed));
    statement.exchange(use(flag));
    statement.exchange(use(at));
    statement.exchange(use(at));
    statement.exchange(use(key));
    statement.alloc();
    statement.prepare("UPDATE hosts SET status = 'active', "
                      "expires_at = CASE WHEN lease_kind = :r1 THEN expires_at ELSE :expiry END, "
                      "unclaimed = CASE WHEN lease_kind = :r2 THEN 0 ELSE :flag END, "
                      "activated_at = :n1, updated_at = :n2 "
                      "WHERE id = :id AND status = 'bootstrapping' AND teardown_at IS NULL");
    statement.define_and_bind();
    statement.execute(true);
    return statement.get_affected_rows() > 0;
}

bool extend_grace(Session& sql, const HostId& id, Timestamp until)
{
    const auto at = micros(until);
    const int renewed = static_cast<int>(LeaseIntent::Kind::renewed);
    const auto key = id.str();
    return update(sql,
                  "expires_at = MAX(expires_at, :until) WHERE lease_kind <> :renewed AND teardown_at IS NULL "
                  "AND status IN " +
                      std::string{early_states} + " AND id = :id",
                  at, renewed, key);
}

bool fail(Session& sql, const HostId& id, const std::string& last_error, Timestamp now)
{
    return end_in_error(sql, id, last_error, now, early_states);
}

bool lose(Session& sql, const HostId& id, const std::string& last_error, Timestamp now)
{
    return end_in_error(sql, id, last_error, now, "('active')");
}

long long fail_all_early(Session& sql, const std::string& last_error, Timestamp now)
{
    const auto at = micros(now);
    soci::statement statement{sql};
    statement.exchange(use(last_error));
    statement.exchange(use(at));
    statement.exchange(use(at));
    statement.alloc();
    statement.prepare(
        "UPDATE hosts SET status = 'error', last_error = :error, expires_at = :n1, updated_at = :n2 "
        "WHERE teardown_at IS NULL AND status IN " +
        std::string{early_states});
    statement.define_and_bind();
    statement.execute(true);
    return statement.get_affected_rows();
}

bool renew(Session& sql, const HostId& id, Timestamp expires_at, Timestamp now)
{
    const auto expiry = micros(expires_at);
    const int renewed = static_cast<int>(LeaseIntent::Kind::renewed);
    const auto at = micros(now);
    const auto key = id.str();
    return update(sql,
                  "expires_at = :e1, lease_until = :e2, lease_kind = :kind, unclaimed = 0, updated_at = :now "
                  "WHERE id = :id AND status IN ('bootstrapping', 'active') AND teardown_at IS NULL",
                  expiry, expiry, renewed, at, key);
}

bool claim(Session& sql, const HostId& id, std::optional<Timestamp> expires_at, Timestamp now)
{
    Nullable<long long> expiry{micros(expires_at)};
    const auto at = micros(now);
    const auto key = id.str();
    soci::statement statement{sql};
    statement.exchange(use(expiry.value, expiry.state));
    statement.exchange(use(at));
    statement.exchange(use(key));
    statement.alloc();
    statement.prepare("UPDATE hosts SET expires_at = :expiry, unclaimed = 0, updated_at = :now "
                      "WHERE id = :id AND unclaimed = 1 AND status = 'active' AND teardown_at IS NULL");
    statement.define_and_bind();
    statement.execute(true);
    return statement.get_affected_rows() > 0;
}

bool begin_teardown(Session& sql, const HostId& id, bool only_if_expired, Timestamp now)
{
    const auto at = micros(now);
    const auto key = id.str();
    if (only_if_expired) {
        return update(sql,
                      "teardown_at = COALESCE(teardown_at, :n1) "
                      "WHERE id = :id AND (teardown_at IS NOT NULL OR expires_at <= :n2)",
                      at, key, at);
    }
    return update(sql, "teardown_at = COALESCE(teardown_at, :now) WHERE id = :id", at, key);
}

void vm_removed(Session& sql, const HostId& id)
{
    const auto key = id.str();
    update(sql, "vm_intent = 0 WHERE id = :id", key);
}

bool erase(Session& sql, const HostId& id)
{
    const auto key = id.str();
    soci::statement statement{sql};
    statement.exchange(use(key));
    statement.alloc();
    statement.prepare("DELETE FROM hosts WHERE id = :id");
    statement.define_and_bind();
    statement.execute(true);
    return statement.get_affected_rows() > 0;
}

std::vector<HostId> early(Session& sql)
{
    std::string id;
    soci::statement statement =
        (sql.prepare << "SELECT id FROM hosts WHERE teardown_at IS NULL AND status IN " +
                            std::string{early_states},
         into(id));
    return fetch_ids(statement, id);
}

std::vector<HostId> due(Session& sql, Timestamp now)
{
    const auto at = micros(now);
    std::string id;
    soci::statement statement = (sql.prepare << "SELECT id FROM hosts WHERE expires_at <= :now OR "
                                                "teardown_at IS NOT NULL ORDER BY expires_at",
                                 use(at), into(id));
    return fetch_ids(statement, id);
}

} // namespace drukbox::service::host_table
