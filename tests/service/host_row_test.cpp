#include "service/store/database.hpp"
#include "service/store/host_row.hpp"
#include "service/store/host_table.hpp"
#include "service/store/session.hpp"
#include "support/temporary_directory.hpp"
#include "test_database.hpp"

#include <gtest/gtest.h>

#include <set>

namespace drukbox::service {
namespace {

/// A value of a column that no other column has; of a flag, whose two values are too few for that, the digit
/// `round` of the column's number.
template <class T>
T sample(int column, int round)
{
    if constexpr (std::is_same_v<T, bool>) {
        return ((column >> round) & 1) != 0;
    } else if constexpr (std::is_same_v<T, HostId>) {
        HostId::Bytes bytes{};
        bytes.fill(static_cast<std::uint8_t>(16 * column + round));
        return HostId{bytes};
    } else if constexpr (std::is_same_v<T, HostStatus>) {
        return HostStatus::creating_vm;
    } else if constexpr (std::is_same_v<T, LeaseIntent::Kind>) {
        return LeaseIntent::Kind::until;
    } else if constexpr (std::is_same_v<T, std::string>) {
        return "it's \xc3\xa4\n" + std::to_string(100 * column + round);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return Timestamp{std::chrono::microseconds{1'700'000'000'000'000 + column}};
    } else if constexpr (std::is_same_v<T, std::uint16_t>) {
        return static_cast<std::uint16_t>(65'500 + column);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        return 1'000'000'000'000 + column;
    } else {
        return sample<typename T::value_type>(column, round);
    }
}

/// Calls `each` with every column and its number.
template <class Each>
void for_each_column(Each each)
{
    int number = 0;
    std::apply([&](const auto&... column) { (each(column, number++), ...); }, host_columns);
}

class HostRowTest : public ::testing::Test
{
protected:
    Host kept(const Host& host)
    {
        auto insert_and_find = [&](Session& sql) {
            host_table::insert(sql, host);
            return host_table::find(sql, host.id).value();
        };
        return store.write_now(insert_and_find);
    }

    test::TemporaryDirectory directory;
    TestDatabase database{directory.path()};
    Database store{database.url()};
};

TEST_F(HostRowTest, KeepsEveryField)
{
    constexpr int rounds = 5;
    for (int round = 0; round < rounds; ++round) {
        Host host;
        for_each_column([&]<class T>(const HostColumn<T>& column, int number) {
            column.set(host, sample<T>(number, round));
        });
        const auto row = kept(host);
        for_each_column([&]<class T>(const HostColumn<T>& column, int number) {
            EXPECT_EQ(column.get(row), (sample<T>(number, round))) << column.name;
        });
    }
}

TEST_F(HostRowTest, KeepsTheFieldsOfAHostThatHasNone)
{
    const Host host;
    const auto row = kept(host);
    for_each_column([&]<class T>(const HostColumn<T>& column, int) {
        EXPECT_EQ(column.get(row), column.get(host)) << column.name;
    });
}

TEST_F(HostRowTest, NamesEveryColumnOfTheTable)
{
    std::set<std::string> table;
    auto read = [&](Session& sql) {
        const std::string text = sql.kind() == DatabaseKind::sqlite
                                     ? "SELECT name FROM pragma_table_info('hosts')"
                                     : "SELECT column_name FROM information_schema.columns "
                                       "WHERE table_schema = current_schema() AND table_name = 'hosts'";
        const soci::rowset<std::string> names = (sql.prepare << text);
        table.insert(names.begin(), names.end());
    };
    store.write_now(read);
    std::set<std::string> named;
    for_each_column([&](const auto& column, int) { named.emplace(column.name); });
    EXPECT_EQ(named, table);
}

TEST_F(HostRowTest, HasTheMembersInTheColumnsOfTheirNames)
{
    Host host;
    host.name = "a";
    host.owner = "b";
    host.pooled = true;
    host.lease = LeaseIntent::until(Timestamp{std::chrono::microseconds{7}});
    kept(host);
    long long found = 0;
    auto count = [&](Session& sql) {
        sql << "SELECT COUNT(*) FROM hosts WHERE name = 'a' AND owner = 'b' AND pooled = 1 AND unclaimed = 0 "
               "AND lease_kind = 2 AND lease_until = 7 AND status = 'provisioning' AND claimed_at IS NULL",
            soci::into(found);
    };
    store.write_now(count);
    EXPECT_EQ(found, 1);
}

} // namespace
} // namespace drukbox::service
