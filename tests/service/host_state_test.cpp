#include "service/records/host_state.hpp"
#include "service/store/database.hpp"
#include "service/store/host_table.hpp"
#include "service/store/session.hpp"
#include "support/temporary_directory.hpp"
#include "test_database.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

namespace drukbox::service {
namespace {

using Names = std::set<std::string>;

constexpr Timestamp now{std::chrono::microseconds{1'800'000'000'000'000}};
constexpr auto hour = std::chrono::hours{1};

struct Named
{
    std::string name;
    std::function<bool(const Host&)> holds;
    std::string sql;
    bool takes_time;
};

template <class Condition>
Named named(std::string name, const Condition& condition)
{
    return {std::move(name), condition, condition.sql(), false};
}

/// One that takes a time.
template <class Condition>
Named timed(std::string name, const Condition& condition)
{
    return {std::move(name), [condition](const Host& host) { return condition(host, now); }, condition.sql(),
            true};
}

std::vector<Named> conditions()
{
    return {
        named("has_owner", host_state::has_owner),
        named("in_teardown", host_state::in_teardown),
        named("was_active", host_state::was_active),
        timed("expired", host_state::expired),
        timed("outlives", host_state::outlives),
        named("lease_is_renewed", host_state::lease_is_renewed),
        named("pool_member", host_state::pool_member),
        named("early", host_state::early),
        named("active", host_state::active),
        named("has_machine", host_state::has_machine),
        named("in_the_making", host_state::in_the_making),
        named("may_begin_network", host_state::may_begin_network),
        named("may_begin_vm", host_state::may_begin_vm),
        named("may_begin_bootstrap", host_state::may_begin_bootstrap),
        named("may_activate", host_state::may_activate),
        named("on_safety_lease", host_state::on_safety_lease),
        named("live", host_state::live),
        named("settled", host_state::settled),
        named("may_be_claimed", host_state::may_be_claimed),
        named("renewable", host_state::renewable),
        timed("warm", host_state::warm),
        timed("counts_in_pool", host_state::counts_in_pool),
        named("may_be_shed", host_state::may_be_shed),
        named("awaits_key", host_state::awaits_key),
        named("needs_force", host_state::needs_force),
        named("leaving", host_state::leaving),
        timed("due", host_state::due),
        named("wanted_by_another", host_state::wanted_by_another),
        named("needs_owner", host_state::needs_owner),
    };
}

/// What may be done with a host: all conditions but those that only repeat a field.
Names allowed(const Host& host)
{
    const Names fields{"has_owner",        "in_teardown", "was_active", "expired",    "outlives",
                       "lease_is_renewed", "early",       "active",     "pool_member"};
    Names result;
    for (const auto& condition : conditions()) {
        if (!fields.contains(condition.name) && condition.holds(host)) {
            result.insert(condition.name);
        }
    }
    return result;
}

Host early(HostStatus status)
{
    Host host;
    host.status = status;
    host.owner = "here";
    host.expires_at = now + hour;
    return host;
}

Host active()
{
    auto host = early(HostStatus::active);
    host.owner.clear();
    host.activated_at = now - hour;
    return host;
}

Host pooled(Host host)
{
    host.pooled = true;
    return host;
}

Host claimed(Host host)
{
    host.pooled = true;
    host.claimed_at = now;
    return host;
}

Host torn_down(Host host, std::string owner, std::optional<std::string> by = {})
{
    host.teardown_at = now;
    host.owner = std::move(owner);
    host.teardown_by = std::move(by);
    return host;
}

template <class Change>
Host with(Host host, Change change)
{
    change(host);
    return host;
}

struct Point
{
    std::string name;
    Host host;
    Names allowed;
};

TEST(HostStateTableTest, SaysWhatAHostMayDoAtEachPointOfItsLife)
{
    const auto pending = [](Host& host) { host.key_pending = true; };
    const auto owned = [](Host& host) { host.owner = "here"; };
    const auto expired = [](Host& host) { host.expires_at = now; };
    const auto renewed = [](Host& host) { host.lease = LeaseIntent{LeaseIntent::Kind::renewed, now + hour}; };
    const std::vector<Point> points{
        {"row written",
         early(HostStatus::provisioning),
         {"in_the_making", "may_begin_network", "may_begin_vm", "on_safety_lease", "needs_force",
          "needs_owner"}},
        {"network asked",
         early(HostStatus::creating_network),
         {"in_the_making", "may_begin_vm", "on_safety_lease", "needs_force", "needs_owner"}},
        {"intent written",
         early(HostStatus::creating_vm),
         {"in_the_making", "may_begin_bootstrap", "on_safety_lease", "needs_force", "needs_owner"}},
        {"machine seen",
         early(HostStatus::bootstrapping),
         {"in_the_making", "may_activate", "on_safety_lease", "has_machine", "renewable", "needs_owner"}},
        {"renewed before it is active",
         with(early(HostStatus::bootstrapping), renewed),
         {"in_the_making", "may_activate", "has_machine", "renewable", "needs_owner"}},
        {"provision left by a replica that let go",
         with(early(HostStatus::creating_vm), [](Host& host) { host.owner.clear(); }),
         {"in_the_making", "may_begin_bootstrap", "on_safety_lease", "needs_force", "needs_owner"}},
        {"active", active(), {"has_machine", "live", "settled", "renewable"}},
        {"permanent",
         with(active(), [](Host& host) { host.expires_at.reset(); }),
         {"has_machine", "live", "settled", "renewable"}},
        {"active, caller gone",
         with(active(), [](Host& host) { host.unclaimed = true; }),
         {"has_machine", "live", "settled", "may_be_claimed", "renewable"}},
        {"active, lease run out",
         with(active(), expired),
         {"has_machine", "live", "settled", "renewable", "due"}},
        {"in the making for the pool",
         pooled(early(HostStatus::creating_vm)),
         {"in_the_making", "may_begin_bootstrap", "on_safety_lease", "counts_in_pool", "needs_force",
          "needs_owner"}},
        {"machine seen of the pool",
         pooled(early(HostStatus::bootstrapping)),
         {"in_the_making", "may_activate", "on_safety_lease", "has_machine", "counts_in_pool",
          "needs_owner"}},
        {"warm",
         pooled(active()),
         {"has_machine", "live", "settled", "warm", "counts_in_pool", "may_be_shed"}},
        {"warm, too old",
         with(pooled(active()), expired),
         {"has_machine", "live", "settled", "may_be_shed", "due"}},
        {"shed", torn_down(pooled(active()), "here"), {"has_machine", "leaving", "needs_owner"}},
        {"claimed", with(claimed(active()), owned), {"has_machine", "live", "renewable", "needs_owner"}},
        {"claimed, key pending",
         with(with(claimed(active()), owned), pending),
         {"has_machine", "live", "renewable", "needs_owner"}},
        {"claim taken over, key pending",
         with(claimed(active()), pending),
         {"has_machine", "live", "settled", "renewable", "awaits_key"}},
        {"claim finished", claimed(active()), {"has_machine", "live", "settled", "renewable"}},
        {"provision failed", with(early(HostStatus::error), expired), {"needs_owner"}},
        {"provision failed and undone",
         with(with(early(HostStatus::error), expired), [](Host& host) { host.owner.clear(); }),
         {"due"}},
        {"machine lost",
         with(with(active(), expired), [](Host& host) { host.status = HostStatus::error; }),
         {"leaving", "due"}},
        {"teardown of a provision requested",
         torn_down(early(HostStatus::creating_vm), "here", "there"),
         {"wanted_by_another", "needs_owner"}},
        {"handed over", torn_down(early(HostStatus::creating_vm), "there", "there"), {"needs_owner"}},
        {"teardown begun", torn_down(active(), "here", "here"), {"has_machine", "leaving", "needs_owner"}},
        {"teardown failed", torn_down(active(), ""), {"has_machine", "leaving", "due"}},
    };
    for (const auto& point : points) {
        EXPECT_EQ(allowed(point.host), point.allowed) << point.name;
    }
}

/// Every value of every field that a condition looks at.
std::vector<Host> combinations()
{
    std::vector<Host> hosts{Host{}};
    const auto each = [&](auto change, auto... values) {
        std::vector<Host> more;
        for (const auto& host : hosts) {
            (more.push_back(with(host, [&](Host& changed) { change(changed, values); })), ...);
        }
        hosts = std::move(more);
    };
    each([](Host& host, HostStatus status) { host.status = status; }, HostStatus::provisioning,
         HostStatus::creating_network, HostStatus::creating_vm, HostStatus::bootstrapping, HostStatus::active,
         HostStatus::error);
    const auto flag = [&](auto change) {
        each([&](Host& host, bool set) { set ? change(host) : void(); }, false, true);
    };
    flag([](Host& host) { host.teardown_at = now; });
    flag([](Host& host) { host.activated_at = now; });
    flag([](Host& host) { host.pooled = true; });
    flag([](Host& host) { host.claimed_at = now; });
    // No condition looks at two of these.
    flag([](Host& host) {
        host.unclaimed = true;
        host.key_pending = true;
        host.lease = LeaseIntent{LeaseIntent::Kind::renewed, now};
    });
    each([](Host& host, std::optional<Timestamp> at) { host.expires_at = at; }, std::optional<Timestamp>{},
         std::optional{now}, std::optional{now + std::chrono::microseconds{1}});
    each([](Host& host, const char* owner) { host.owner = owner; }, "", "here");
    each([](Host& host, std::optional<std::string> by) { host.teardown_by = std::move(by); },
         std::optional<std::string>{}, std::optional<std::string>{"here"},
         std::optional<std::string>{"there"});
    return hosts;
}

class HostStateTest : public ::testing::Test
{
protected:
    test::TemporaryDirectory directory;
    TestDatabase database{directory.path()};
    Database store{database.url()};
};

TEST_F(HostStateTest, SaysTheSameInSqlAsInCode)
{
    auto hosts = combinations();
    // A transaction of all of them could take longer than the database is given to answer.
    constexpr std::size_t at_once = 200;
    for (std::size_t begin = 0; begin < hosts.size(); begin += at_once) {
        auto insert = [&](Session& sql) {
            for (auto i = begin; i < std::min(begin + at_once, hosts.size()); ++i) {
                HostId::Bytes bytes{};
                bytes[0] = static_cast<std::uint8_t>(i >> 8);
                bytes[1] = static_cast<std::uint8_t>(i);
                hosts[i].id = HostId{bytes};
                hosts[i].name = std::to_string(i);
                host_table::insert(sql, hosts[i]);
            }
        };
        store.write_now(insert);
    }
    for (const auto& condition : conditions()) {
        auto compare = [&](Session& sql) {
            std::vector<std::string> in_code;
            for (const auto& host : hosts) {
                if (condition.holds(host)) {
                    in_code.push_back(host.id.str());
                }
            }
            const auto time = now.time_since_epoch().count();
            const std::string text = "SELECT id FROM hosts WHERE " + condition.sql + " ORDER BY id";
            const soci::rowset<std::string> found =
                condition.takes_time ? (sql.prepare << text, soci::use(time)) : (sql.prepare << text);
            const std::vector<std::string> in_sql(found.begin(), found.end());
            EXPECT_TRUE(in_code == in_sql) << condition.name << ": " << in_code.size() << " hosts in code, "
                                           << in_sql.size() << " in SQL";
        };
        store.read_now(compare);
    }
}

class SqliteHostStateTest : public HostStateTest
{
};

TEST_F(SqliteHostStateTest, FindsMembersOfAPoolByItsIndex)
{
    const long long time = 1;
    std::string plan;
    auto explain = [&](Session& sql) {
        const soci::rowset<soci::row> steps =
            (sql.prepare << "EXPLAIN QUERY PLAN SELECT id FROM hosts WHERE provider = 'p' AND " +
                                host_state::warm.sql() + " ORDER BY created_at, id LIMIT 1",
             soci::use(time));
        for (const auto& step : steps) {
            plan += step.get<std::string>("detail") + "\n";
        }
    };
    store.write_now(explain);
    EXPECT_NE(plan.find("USING INDEX hosts_in_pool"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
}

} // namespace
} // namespace drukbox::service
