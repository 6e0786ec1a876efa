#include "service/store/database.hpp"
#include "service/store/host_table.hpp"
#include "service/store/idempotency_table.hpp"
#include "service/store/session.hpp"
#include "support/eventually.hpp"
#include "support/postgresql_server.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <vector>

namespace drukbox::service {
namespace {

/// A server of the test's own: it is restarted and set up for one purpose.
class PostgresqlTest : public ::testing::Test
{
protected:
    [[nodiscard]] DatabaseUrl url() const { return DatabaseUrl::parse(server.url()); }

    static int count(Database& store, const std::string& query)
    {
        auto work = [&](Session& sql) {
            int number = 0;
            sql << query, soci::into(number);
            return number;
        };
        return store.write_now(work);
    }

    static void on(Database& store, const std::string& statement)
    {
        auto work = [&](Session& sql) { sql << statement; };
        store.write_now(work);
    }

    /// A host's row, enough for a key to refer to.
    static HostId add_host(Database& store)
    {
        Host host;
        host.id = HostId::v7(Timestamp{std::chrono::microseconds{1}});
        host.name = host_name(host.id);
        auto work = [&](Session& sql) { host_table::insert(sql, host); };
        store.write_now(work);
        return host.id;
    }

    test::PostgresqlServer server;
};

TEST_F(PostgresqlTest, ReplacesSessionsThatARestartHasEnded)
{
    Database store{url()};
    on(store, "CREATE TABLE things (number INTEGER)");
    server.restart();
    on(store, "INSERT INTO things VALUES (1)");
    EXPECT_EQ(count(store, "SELECT COUNT(*) FROM things"), 1);
}

TEST_F(PostgresqlTest, RefusesWhileTheServerIsAwayAndServesOnceItIsBack)
{
    Database store{url()};
    server.crash();
    EXPECT_THROW(count(store, "SELECT 1"), StoreError);
    EXPECT_THROW(count(store, "SELECT 1"), StoreError);
    server.resume();
    const auto answers = [&] {
        try {
            return count(store, "SELECT 1") == 1;
        } catch (const StoreError&) {
            return false;
        }
    };
    EXPECT_TRUE(test::eventually(answers));
}

TEST_F(PostgresqlTest, FindsOutThatACommitHappenedWhoseAnswerWasLost)
{
    Database store{url()};
    on(store, "CREATE TABLE things (number INTEGER)");
    // A commit waits, having happened, for a standby that never comes.
    Database administration{url()};
    auto demand = [](Session& sql) { sql << "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"; };
    administration.read_now(demand);
    server.restart();
    auto insert = std::async(std::launch::async, [&] { on(store, "INSERT INTO things VALUES (1)"); });
    const auto waits = [&] {
        auto work = [](Session& sql) {
            int number = 0;
            sql << "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = "
                   "'SyncRep'",
                soci::into(number);
            return number;
        };
        return administration.read_now(work) > 0;
    };
    EXPECT_TRUE(test::eventually(waits));
    EXPECT_NO_THROW(insert.get());
    auto look = [](Session& sql) {
        int number = 0;
        sql << "SELECT COUNT(*) FROM things", soci::into(number);
        return number;
    };
    EXPECT_EQ(administration.read_now(look), 1);
}

TEST_F(PostgresqlTest, MigratesOnceWhenReplicasStartAtTheSameMoment)
{
    std::latch together{4};
    std::vector<std::future<int>> replicas;
    for (int i = 0; i < 4; ++i) {
        replicas.push_back(std::async(std::launch::async, [&] {
            together.arrive_and_wait();
            Database store{url()};
            return count(store, "SELECT COUNT(*) - COUNT(DISTINCT version) FROM schema_version");
        }));
    }
    for (auto& replica : replicas) {
        EXPECT_EQ(replica.get(), 0);
    }
}

TEST_F(PostgresqlTest, BindsAKeyThatTwoReplicasReserveAtTheSameMomentToOneHost)
{
    Database one{url()};
    Database other{url()};
    const auto first = add_host(one);
    const auto second = add_host(one);
    const Timestamp now{std::chrono::microseconds{1000}};
    std::latch both_have_looked{2};
    const auto reserve = [&](Database& store, const HostId& host) {
        auto work = [&, attempt = 0](Session& sql) mutable {
            const auto bound = idempotency_table::find(sql, "key", now);
            if (++attempt == 1) {
                both_have_looked.arrive_and_wait();
            }
            if (bound) {
                return bound->host;
            }
            idempotency_table::reserve(sql, "key", {host, "admin", {}}, now + std::chrono::hours{1}, now);
            return host;
        };
        return store.write_now(work);
    };
    auto theirs = std::async(std::launch::async, [&] { return reserve(other, second); });
    const auto ours = reserve(one, first);
    EXPECT_EQ(ours, theirs.get());
}

} // namespace
} // namespace drukbox::service
