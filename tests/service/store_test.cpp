#include "lifecycle_fixture.hpp"
#include "service/base/setting_error.hpp"
#include "service/store/backend.hpp"
#include "service/store/installation_table.hpp"
#include "service/store/sealing_table.hpp"
#include "service/store/session.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <fstream>
#include <iterator>

namespace drukbox::service {
namespace {

std::string refusal(const DatabaseUrl& url)
{
    try {
        const Database database{url};
    } catch (const SettingError& error) {
        return error.what();
    }
    return "accepted";
}

class StoreTest : public LifecycleTest
{
};

class SqliteStoreTest : public LifecycleTest
{
};

TEST_F(StoreTest, KeepsTheIdOfTheInstallationForEver)
{
    const auto id = [this] {
        auto read = [this](Session& sql) { return installation_table::read_or_make(sql, service->now); };
        return service->store.write_now(read);
    };
    const auto first = id();
    EXPECT_EQ(first.size(), 16U);
    EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos) << first;
    service->now += std::chrono::hours{1};
    EXPECT_EQ(id(), first);
    restart();
    EXPECT_EQ(id(), first);
    auto forget = [](Session& sql) { sql << "DELETE FROM installation"; };
    service->store.write_now(forget);
    EXPECT_NE(id(), first) << "a copied database is made another installation by this";
}

TEST_F(SqliteStoreTest, RefusesASecondServiceOnOneFile)
{
    const auto text = refusal(database.url());
    EXPECT_TRUE(text.starts_with("DATABASE_URL: another drukbox service uses ")) << text;
    EXPECT_THROW(Database{database.url()}, DatabaseInUse);
}

TEST_F(StoreTest, RefusesADatabaseOfANewerVersion)
{
    auto advance = [](Session& sql) { sql << "INSERT INTO schema_version (version) VALUES (1000)"; };
    service->store.write_now(advance);
    service.reset();
    const auto text = refusal(database.url());
    EXPECT_NE(text.find("made by a newer drukbox"), std::string::npos) << text;
}

TEST_F(StoreTest, RefusesTheTablesOfAnotherProgram)
{
    service.reset();
    const auto change = [this](const std::string& statement) {
        const auto url = database.url();
        const auto backend =
            url.kind() == DatabaseKind::sqlite ? make_sqlite_backend(url) : make_postgresql_backend(url);
        *backend->open() << statement;
    };
    change("CREATE TABLE alembic_version (version_num TEXT)");
    EXPECT_EQ(refusal(database.url()), "accepted");
    change("DROP TABLE schema_version");
    const auto text = refusal(database.url());
    EXPECT_NE(text.find("cannot be used: it belongs to the Drukbox service in Python"), std::string::npos)
        << text;
}

TEST_F(SqliteStoreTest, ChangesNothingInTheFileOfTheServiceInPython)
{
    const auto file = directory.path() / "drukbox.db";
    {
        Session sql{DatabaseKind::sqlite, soci::sqlite3, "dbname=" + file.string()};
        sql << "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)";
        sql << "INSERT INTO alembic_version VALUES ('0007_host_service_account')";
        sql << "CREATE TABLE hosts (id CHAR(32) NOT NULL PRIMARY KEY, env JSON NOT NULL, created_at "
               "DATETIME)";
        sql << "INSERT INTO hosts VALUES ('01991b2e7c1a7e5b9d3f4a6b8c0d2e1f', '{}', '2026-07-01 12:00:00')";
    }
    const auto content = [&] {
        std::ifstream stream{file, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{stream}, {}};
    };
    const auto before = content();
    EXPECT_EQ(
        refusal(DatabaseUrl::parse("sqlite+aiosqlite:///" + file.string())),
        "DATABASE_URL: " + file.string() +
            " cannot be used: it belongs to the Drukbox service in Python, which keeps its hosts in other "
            "tables; nothing in it was changed. Let that program end its hosts, and name a database of this "
            "service's own");
    EXPECT_FALSE(before.empty());
    EXPECT_EQ(content(), before);
    EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
}

TEST_F(StoreTest, RollsBackWhatAFailedTransactionWrote)
{
    const auto before = create();
    auto fails = [&](Session& sql) {
        static_cast<void>(host_table::erase(sql, before.host.id, service->now));
        throw std::runtime_error("in the middle");
    };
    EXPECT_THROW(service->run(service->store.write(std::move(fails))), std::runtime_error);
    EXPECT_TRUE(service->row(before.host.id));
}

TEST_F(StoreTest, DoesNotTellTheValuesOfAStatementThatFailed)
{
    Host host;
    host.id = HostId::v7(service->now);
    host.sealed_private_key = "planted-sealed-key";
    auto twice = [&](Session& sql) {
        host_table::insert(sql, host);
        host_table::insert(sql, host);
    };
    try {
        service->store.write_now(twice);
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_EQ(std::string{error.what()}.find("planted"), std::string::npos) << error.what();
    }
}

TEST_F(SqliteStoreTest, KeepsItsFilesFromOtherUsers)
{
    create();
    for (const std::string name : {"test.db", "test.db-wal", "test.db-shm", "test.db.lock"}) {
        const auto mode = std::filesystem::status(directory.path() / name).permissions();
        EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
                  std::filesystem::perms::none)
            << name;
    }
}

TEST_F(StoreTest, StopsWhenTheSealingKeyIsNotTheOneThatSealed)
{
    auto check = [](std::vector<std::string> keys) {
        return [keys = std::move(keys)](Session& sql) { sealing_table::check(sql, keys); };
    };
    auto first = check({"old"});
    auto rotated = check({"new", "old"});
    auto retired = check({"new"});
    service->store.write_now(first);
    service->store.write_now(rotated);
    EXPECT_THROW(service->store.write_now(retired), SettingError) << "the old key has sealed something";
}

TEST(SqliteStoreFailureTest, IsASettingErrorWhenTheFileCannotBeUsed)
{
    const test::TemporaryDirectory directory;
    std::ofstream{directory.path() / "broken.db"}
        << "this is not a database, and long enough to be looked at as one";
    const auto text = refusal(DatabaseUrl::parse("sqlite:///" + (directory.path() / "broken.db").string()));
    EXPECT_TRUE(text.starts_with("DATABASE_URL: ")) << text;
}

} // namespace
} // namespace drukbox::service
