#include "lifecycle_fixture.hpp"
#include "service/store/host_ownership.hpp"

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

class ReconcilerTest : public LifecycleTest
{
};

TEST_F(ReconcilerTest, ReapsWhatHasExpiredAndNothingElse)
{
    const auto kept = create();
    CreateHost brief;
    brief.lease = LeaseIntent::until(service->now + 5s);
    const auto expired = create(std::move(brief));
    service->now += 5s;
    service->run(service->hosts.reconcile());
    EXPECT_FALSE(service->row(expired.host.id));
    EXPECT_TRUE(service->row(kept.host.id));
    EXPECT_EQ(cloud->machines, std::set{kept.host.name});
}

TEST_F(ReconcilerTest, LeavesAFailedHostVisibleUntilTheNextRound)
{
    const auto created = create();
    cloud->machines.clear();
    service->run(service->hosts.reconcile());
    ASSERT_TRUE(service->row(created.host.id));
    EXPECT_EQ(service->row(created.host.id)->status, HostStatus::error);
    EXPECT_EQ(service->row(created.host.id)->last_error, "VmNotFound: the machine is gone");
    service->run(service->hosts.reconcile());
    EXPECT_FALSE(service->row(created.host.id));
}

TEST_F(ReconcilerTest, FailsARowThatNoProvisionWorksOn)
{
    Host host;
    host.id = HostId::v7(service->now);
    host.name = host_name(host.id);
    host.provider = "scripted";
    host.vm_intent = true;
    host.expires_at = service->now + 600s;
    auto insert = [&](Session& sql) {
        host_table::insert(sql, host);
        idempotency_table::reserve(sql, "k", {host.id, "admin", {}}, service->now + 1h, service->now);
    };
    service->store.write_now(insert);
    cloud->machines.insert(host.name);
    EXPECT_THROW(create(with_key("k")), ProvisioningInterrupted) << "its outcome is not known";
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->row(host.id)->status, HostStatus::error);
    EXPECT_EQ(service->key("k"), std::nullopt);
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ReconcilerTest, OutlivesARowThatItCannotRead)
{
    const auto created = create();
    auto spoil = [](Session& sql) { sql << "UPDATE hosts SET status = 'nonsense'"; };
    service->store.write_now(spoil);
    service->run(service->hosts.reconcile());
    auto mend = [](Session& sql) { sql << "UPDATE hosts SET status = 'active'"; };
    service->store.write_now(mend);
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->row(created.host.id));
}

TEST_F(ReconcilerTest, RemovesAMachineWithoutARow)
{
    const auto created = create();
    cloud->machines.insert("sb-0123456789ab");
    service->run(service->hosts.reconcile());
    EXPECT_EQ(cloud->machines, std::set{created.host.name});
}

TEST_F(ReconcilerTest, SparesAnUnknownMachineForTheGracePeriod)
{
    cloud->capabilities.exclusive_inventory = false;
    cloud->machines.insert("sb-0123456789ab");
    service->run(service->hosts.reconcile());
    service->now += policy.orphan_grace - 1s;
    service->run(service->hosts.reconcile());
    EXPECT_EQ(cloud->machines.size(), 1U);
    service->now += 1s;
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ReconcilerTest, ForgetsAnUnknownMachineThatWentAndCame)
{
    cloud->capabilities.exclusive_inventory = false;
    cloud->machines.insert("sb-0123456789ab");
    service->run(service->hosts.reconcile());
    service->now += policy.orphan_grace;
    cloud->machines.clear();
    service->run(service->hosts.reconcile());
    cloud->machines.insert("sb-0123456789ab");
    service->run(service->hosts.reconcile());
    EXPECT_EQ(cloud->machines.size(), 1U) << "its grace period begins anew";
}

TEST_F(ReconcilerTest, RemovesAMachineOfAHostThatHasEndedAtOnce)
{
    cloud->capabilities.exclusive_inventory = false;
    const auto created = create();
    service->run(service->hosts.remove(created.host.id));
    cloud->machines.insert(created.host.name);
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ReconcilerTest, LeavesAMachineWithoutARowThatCarriesNoMark)
{
    cloud->capabilities.exclusive_inventory = false;
    cloud->machines.insert("sb-0123456789ab");
    cloud->unmarked = cloud->machines;
    service->run(service->hosts.reconcile());
    service->now += 2 * policy.orphan_grace;
    service->run(service->hosts.reconcile());
    EXPECT_EQ(cloud->machines.size(), 1U);
    EXPECT_TRUE(cloud->removed.empty());
}

TEST_F(ReconcilerTest, KeepsAMachineOfARowThatCarriesNoMark)
{
    cloud->capabilities.exclusive_inventory = false;
    const auto created = create();
    cloud->unmarked.insert(created.host.name);
    service->now += policy.orphan_grace;
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->row(created.host.id)->status, HostStatus::active);
    service->run(service->hosts.remove(created.host.id));
    EXPECT_TRUE(cloud->machines.empty());
    // The provider shows it late.
    cloud->machines.insert(created.host.name);
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ReconcilerTest, MissesNoMachineThatMayNotShowYet)
{
    cloud->capabilities.inventory_lag = 30s;
    const auto created = create();
    cloud->machines.clear();
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->row(created.host.id)->status, HostStatus::active);
    service->now += 30s;
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->row(created.host.id)->status, HostStatus::error);
}

TEST_F(ReconcilerTest, SparesAMachineThatIsBeingMade)
{
    const auto gate = block_at("created");
    begin_create(CreateHost{});
    run_until_reached();
    service->run(service->hosts.reconcile());
    EXPECT_EQ(cloud->machines.size(), 1U);
    gate->set();
    service->run_until([&] { return service->rows().at(0).status == HostStatus::active; });
}

TEST_F(ReconcilerTest, GoesOnWhenAnInventoryFails)
{
    CreateHost brief;
    brief.lease = LeaseIntent::until(service->now + 5s);
    create(std::move(brief));
    service->now += 5s;
    fail_at("list");
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
}

TEST_F(ReconcilerTest, ReapsMoreHostsThanItTearsDownSideBySide)
{
    for (int i = 0; i < 40; ++i) {
        CreateHost brief;
        brief.lease = LeaseIntent::until(service->now + 5s);
        create(std::move(brief));
    }
    service->now += 5s;
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

/// The state table of docs/architecture.md: the process ends at a point; the next one finds what is on disk
/// and at the provider, and brings both together.
class CrashTest : public LifecycleTest
{
protected:
    /// Ends the service when the provider is at `step`, starts the next one and lets it reconcile.
    void crash_at(const std::string& step)
    {
        const auto gate = block_at(step);
        begin_create(with_key("k"));
        run_until_reached();
        restart();
    }

    void expect_failed_and_gone()
    {
        const auto rows = service->rows();
        ASSERT_EQ(rows.size(), 1U);
        EXPECT_EQ(rows[0].status, HostStatus::error);
        EXPECT_EQ(service->key("k"), std::nullopt);
        service->run(service->hosts.reconcile());
        EXPECT_TRUE(service->rows().empty());
        EXPECT_TRUE(cloud->machines.empty());
        EXPECT_EQ(create(with_key("k")).host.status, HostStatus::active) << "the key is free again";
    }
};

TEST_F(CrashTest, AfterTheRowIsInserted)
{
    Host host;
    host.id = HostId::v7(service->now);
    host.name = host_name(host.id);
    host.provider = "scripted";
    host.expires_at = service->now + 600s;
    auto insert = [&](Session& sql) {
        host_table::insert(sql, host);
        idempotency_table::reserve(sql, "k", {host.id, "admin", {}}, service->now + 1h, service->now);
    };
    service->store.write_now(insert);
    restart();
    expect_failed_and_gone();
    EXPECT_TRUE(cloud->removed.empty()) << "no machine was ever asked for";
}

TEST_F(CrashTest, AfterTheIntentBeforeTheProviderIsCalled)
{
    crash_at("create");
    EXPECT_TRUE(cloud->machines.empty());
    expect_failed_and_gone();
}

TEST_F(CrashTest, AfterTheMachineIsMadeBeforeItsAnswer)
{
    crash_at("created");
    EXPECT_EQ(cloud->machines.size(), 1U);
    expect_failed_and_gone();
}

TEST_F(CrashTest, WhileBootstrapping)
{
    crash_at("reachable");
    expect_failed_and_gone();
}

TEST_F(CrashTest, BeforeActiveIsRecorded)
{
    crash_at("deadline");
    expect_failed_and_gone();
}

TEST_F(CrashTest, AfterActiveTheHostStaysAndTheKeyWithIt)
{
    const auto created = create(with_key("k"));
    restart();
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->row(created.host.id)->status, HostStatus::active);
    const auto again = create(with_key("k"));
    EXPECT_EQ(again.host.id, created.host.id);
    EXPECT_EQ(again.private_key->reveal(), created.private_key->reveal());
}

TEST_F(CrashTest, DuringTeardownBeforeTheMachineIsGone)
{
    const auto created = create(with_key("k"));
    const auto gate = block_at("remove");
    boost::asio::co_spawn(service->io, service->hosts.remove(created.host.id),
                          [](const std::exception_ptr&) {});
    run_until_reached();
    restart();
    EXPECT_EQ(service->key("k"), std::nullopt);
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(CrashTest, DuringTeardownAfterTheMachineIsGone)
{
    const auto created = create();
    auto begin = [&](Session& sql) {
        return host_ownership::request_teardown(sql, created.host.id, "here", service->now);
    };
    ASSERT_TRUE(service->store.write_now(begin));
    cloud->machines.clear();
    restart();
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
}

} // namespace
} // namespace drukbox::service
