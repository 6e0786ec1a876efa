#include "service/store/migrations.hpp"

#include "service/store/session.hpp"
#include "service/store/store_error.hpp"

#include <array>
#include <string>
#include <string_view>

namespace drukbox::service {
namespace {

// Points in time are microseconds since 1970, UTC. A step that has been released is never changed: a new one
// is appended.
constexpr std::array steps{
    std::string_view{R"sql(
        CREATE TABLE hosts (
            id                  TEXT    NOT NULL PRIMARY KEY,
            name                TEXT    NOT NULL UNIQUE,
            status              TEXT    NOT NULL,
            provider            TEXT    NOT NULL,
            image               TEXT    NOT NULL,
            instance_type       TEXT,
            disk_gb             BIGINT,
            external_ssh_host   TEXT    NOT NULL,
            external_ssh_port   INTEGER NOT NULL,
            ssh_username        TEXT    NOT NULL,
            internal_ssh_host   TEXT,
            known_hosts         TEXT    NOT NULL,
            tailscale_device_id TEXT,
            last_error          TEXT    NOT NULL,
            created_at          BIGINT  NOT NULL,
            updated_at          BIGINT  NOT NULL,
            activated_at        BIGINT,
            expires_at          BIGINT,
            lease_kind          INTEGER NOT NULL,
            lease_until         BIGINT,
            unclaimed           INTEGER NOT NULL,
            vm_intent           INTEGER NOT NULL,
            teardown_at         BIGINT,
            sealed_private_key  TEXT    NOT NULL
        );
        CREATE INDEX hosts_by_expiry ON hosts (expires_at);
        CREATE INDEX hosts_by_status ON hosts (status);
        CREATE TABLE idempotency_keys (
            key        TEXT   NOT NULL PRIMARY KEY,
            host_id    TEXT   NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
            expires_at BIGINT NOT NULL
        );
        CREATE INDEX idempotency_keys_by_host ON idempotency_keys (host_id);
        CREATE TABLE sealing_keys (
            fingerprint TEXT NOT NULL PRIMARY KEY
        );
    )sql"},
    // For lists, which begin with the newest.
    std::string_view{"CREATE INDEX hosts_by_creation ON hosts (created_at, id);"},
    std::string_view{R"sql(
        ALTER TABLE hosts ADD COLUMN owner TEXT NOT NULL DEFAULT '';
        ALTER TABLE hosts ADD COLUMN teardown_by TEXT;
        ALTER TABLE hosts ADD COLUMN pooled INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE hosts ADD COLUMN claimed_at BIGINT;
        ALTER TABLE hosts ADD COLUMN key_pending INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX hosts_by_owner ON hosts (owner) WHERE owner <> '';
        CREATE INDEX hosts_by_teardown ON hosts (teardown_at) WHERE teardown_at IS NOT NULL;
        CREATE INDEX hosts_in_pool ON hosts (provider, created_at, id)
            WHERE pooled = 1 AND claimed_at IS NULL;
        CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
        CREATE TABLE ended_hosts (
            id         TEXT   NOT NULL PRIMARY KEY,
            name       TEXT   NOT NULL,
            own_name   TEXT   NOT NULL,
            provider   TEXT   NOT NULL,
            last_error TEXT   NOT NULL,
            ended_at   BIGINT NOT NULL
        );
        CREATE INDEX ended_hosts_by_name ON ended_hosts (name);
        CREATE INDEX ended_hosts_by_own_name ON ended_hosts (own_name);
        CREATE INDEX ended_hosts_by_time ON ended_hosts (ended_at);
        CREATE TABLE replicas (
            id         TEXT   NOT NULL PRIMARY KEY,
            expires_at BIGINT NOT NULL
        );
        CREATE TABLE leadership (
            name       TEXT   NOT NULL PRIMARY KEY,
            holder     TEXT   NOT NULL,
            expires_at BIGINT NOT NULL
        );
    )sql"},
    // One row at most: what marks everything that this database's services make at a provider.
    std::string_view{R"sql(
        CREATE TABLE installation (
            only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
            id       TEXT    NOT NULL
        );
    )sql"},
    // What a key was used for. All callers have been one account so far, and what older keys were used for is
    // not known.
    std::string_view{R"sql(
        ALTER TABLE idempotency_keys ADD COLUMN account TEXT NOT NULL DEFAULT 'admin';
        ALTER TABLE idempotency_keys ADD COLUMN asked_digest TEXT NOT NULL DEFAULT '';
        ALTER TABLE idempotency_keys ADD COLUMN request_digest TEXT NOT NULL DEFAULT '';
    )sql"},
};

/// The backend prepares one statement at a time: a step is executed piece by piece.
void execute_script(Session& sql, std::string_view script)
{
    while (!script.empty()) {
        const auto end = script.find(';');
        const auto statement = script.substr(0, end);
        if (statement.find_first_not_of(" \n") != std::string_view::npos) {
            sql << std::string{statement};
        }
        script = end == std::string_view::npos ? std::string_view{} : script.substr(end + 1);
    }
}

/// A transaction that excludes every other process that migrates.
void begin_alone(Session& sql)
{
    if (sql.kind() == DatabaseKind::sqlite) {
        sql << "BEGIN IMMEDIATE";
        return;
    }
    sql << "BEGIN";
    sql << "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0";
    // Any number will do, as long as nobody else locks it in this database.
    sql << "SELECT pg_advisory_xact_lock(7238475610233)";
}

std::size_t version_of(Session& sql)
{
    int version = 0;
    soci::indicator present = soci::i_null;
    sql << "SELECT MAX(version) FROM schema_version", soci::into(version, present);
    return present == soci::i_null ? 0 : static_cast<std::size_t>(version);
}

bool has_table(Session& sql, const std::string& name)
{
    int count = 0;
    if (sql.kind() == DatabaseKind::sqlite) {
        sql << "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = :name", soci::use(name),
            soci::into(count);
    } else {
        sql << "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = :name",
            soci::use(name), soci::into(count);
    }
    return count > 0;
}

/// Takes the next step; false when there is none.
bool step_up(Session& sql)
{
    sql << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
    const auto version = version_of(sql);
    if (version > steps.size()) {
        throw StoreError("it has schema version " + std::to_string(version) +
                         ", made by a newer drukbox; this one knows up to " + std::to_string(steps.size()));
    }
    if (version == steps.size()) {
        return false;
    }
    execute_script(sql, steps[version]);
    const int next = static_cast<int>(version) + 1;
    sql << "INSERT INTO schema_version (version) VALUES (:number)", soci::use(next);
    return true;
}

} // namespace

std::optional<std::string> foreign_tables(Session& sql)
{
    // In this order: another replica makes both in one transaction, at this moment perhaps.
    if (!has_table(sql, "hosts") || has_table(sql, "schema_version")) {
        return std::nullopt;
    }
    const std::string owner = has_table(sql, "alembic_version")
                                  ? "the Drukbox service in Python, which keeps its hosts in other tables"
                                  : "another program";
    return "it belongs to " + owner +
           "; nothing in it was changed. Let that program end its hosts, and name a database of this "
           "service's own";
}

void migrate(Session& sql)
{
    if (const auto why = foreign_tables(sql)) {
        throw StoreError(*why);
    }
    for (bool more = true; more;) {
        begin_alone(sql);
        try {
            more = step_up(sql);
            sql << "COMMIT";
        } catch (...) {
            sql << "ROLLBACK";
            throw;
        }
    }
}

} // namespace drukbox::service
