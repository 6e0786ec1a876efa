#include "service/store/backend.hpp"
#include "service/store/session.hpp"
#include "service/store/store_error.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

namespace drukbox::service {
namespace {

class PostgresqlBackend final : public Backend
{
public:
    explicit PostgresqlBackend(Redacted connection)
        : connection_(std::move(connection))
    {
    }

    std::size_t width() const noexcept override { return 10; }

    std::unique_ptr<Session> open() override
    {
        auto session =
            std::make_unique<Session>(DatabaseKind::postgresql, soci::postgresql, connection_.reveal());
        // One round trip for all. A table that leases are moved in is full of dead rows between two vacuums:
        // whoever looks for a few of its hosts must not read it from end to end, however small its statistics
        // say it is. Where only that is left, its price must not call the compiler in (jit). The idle timeout
        // ends what a replica that hangs would hold from the others.
        std::string ignored;
        *session
            << "SET default_transaction_isolation = 'read committed'; SET client_min_messages = 'warning'; "
               "SET enable_seqscan = off; SET jit = off; "
               "SET statement_timeout = '10s'; SET lock_timeout = '5s'; "
               "SET idle_in_transaction_session_timeout = '30s'; "
               // What a server counts it forgets when it recovers from a crash, and only then.
               "SELECT set_config('drukbox.recovered', COALESCE(stats_reset::text, ''), false) "
               "FROM pg_stat_bgwriter",
            soci::into(ignored);
        return session;
    }

    std::string begin(Session& sql) override
    {
        std::string transaction;
        sql << "BEGIN; SELECT pg_current_xact_id()::text || ' ' || current_setting('drukbox.recovered')",
            soci::into(transaction);
        return transaction;
    }

    std::optional<int> socket(Session& sql) const noexcept override { return PQsocket(connection(sql)); }

    bool is_lost(Session& sql) const noexcept override { return PQstatus(connection(sql)) != CONNECTION_OK; }

    bool is_conflict(const soci::soci_error& error) const noexcept override
    {
        const auto* failure = dynamic_cast<const soci::postgresql_soci_error*>(&error);
        if (failure == nullptr) {
            return false;
        }
        // unique_violation: another replica was first, and the next look finds what it wrote.
        constexpr std::array<std::string_view, 4> conflicts{"23505", "40001", "40P01", "55P03"};
        return std::ranges::find(conflicts, failure->sqlstate()) != conflicts.end();
    }

    /// A server that has recovered from a crash gives the number of a transaction that it lost to another
    /// one, and would tell what became of that.
    std::optional<bool> is_committed(Session& sql, const std::string& transaction) override
    {
        const auto space = transaction.find(' ');
        const std::string number = transaction.substr(0, space);
        const std::string recovered = transaction.substr(space + 1);
        std::string status;
        soci::indicator known = soci::i_null;
        sql << "SELECT CASE WHEN current_setting('drukbox.recovered') = :recovered "
               "THEN pg_xact_status(CAST(:number AS xid8)) ELSE 'recovered' END",
            soci::use(recovered), soci::use(number), soci::into(status, known);
        if (known == soci::i_ok && status == "recovered") {
            throw StoreError("the database crashed during a commit");
        }
        if (known == soci::i_ok && status == "in progress") {
            return std::nullopt;
        }
        return known == soci::i_ok && status == "committed";
    }

private:
    static PGconn* connection(Session& sql) noexcept
    {
        return static_cast<soci::postgresql_session_backend*>(sql.get_backend())->conn_;
    }

    Redacted connection_;
};

} // namespace

std::unique_ptr<Backend> make_postgresql_backend(const DatabaseUrl& url)
{
    return std::make_unique<PostgresqlBackend>(url.connection());
}

} // namespace drukbox::service
