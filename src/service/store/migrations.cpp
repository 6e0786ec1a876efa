#include "service/store/migrations.hpp"

#include "service/store/database.hpp"
#include "service/store/session.hpp"

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

} // namespace

void migrate(Session& sql)
{
    sql << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
    int version = 0;
    soci::indicator present = soci::i_null;
    sql << "SELECT MAX(version) FROM schema_version", soci::into(version, present);
    if (present == soci::i_null) {
        version = 0;
    }
    if (version > static_cast<int>(steps.size())) {
        throw StoreError("the database has schema version " + std::to_string(version) +
                         ", made by a newer drukbox; this one knows up to " + std::to_string(steps.size()));
    }
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
        sql << "BEGIN IMMEDIATE";
        try {
            execute_script(sql, steps[step]);
            const int number = static_cast<int>(step) + 1;
            sql << "INSERT INTO schema_version (version) VALUES (:number)", soci::use(number);
            sql << "COMMIT";
        } catch (...) {
            sql << "ROLLBACK";
            throw;
        }
    }
}

} // namespace drukbox::service
