#include "lifecycle_fixture.hpp"
#include "service/store/host_ownership.hpp"
#include "service/store/session.hpp"

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

/// A second service over the database, the reactor and the cloud of the first.
class Second
{
public:
    Second(Incarnation& first, const std::shared_ptr<ScriptedCloud>& cloud, const HostPolicy& policy)
        : providers(Incarnation::make_providers(cloud))
        , hosts(LifecycleDependencies{.executor = first.io.get_executor(),
                                      .store = first.store,
                                      .shared_store = true,
                                      .providers = providers,
                                      .network = nullptr,
                                      .sealer = first.sealer,
                                      .metrics = metrics,
                                      .replica_id = "second",
                                      .default_provider = "scripted",
                                      .policy = policy,
                                      .now = [&first] { return first.now; }})
    {
        hosts.recover();
        hosts.replica().judge_at_once();
    }

    Metrics metrics;
    ProviderRegistry providers;
    Lifecycle hosts;
};

class ReplicaTest : public LifecycleTest
{
protected:
    ReplicaTest()
        : LifecycleTest(true)
    {
        start_both();
    }

    void start_both()
    {
        second.reset();
        restart();
        service->hosts.replica().judge_at_once();
        second = std::make_unique<Second>(*service, cloud, policy);
    }

    void start_both_with_pool(int size)
    {
        policy.pool_sizes = {{"scripted", size}};
        policy.pool_creates = size;
        start_both();
    }

    /// The first replica stands still from now on, as one that is dead; its lease runs out, and the second
    /// leads.
    void first_dies()
    {
        // Its leases run out now: the time that counts is the database's.
        auto run_out = [](Session& sql) {
            sql << "UPDATE replicas SET expires_at = 0 WHERE id = 'here'";
            sql << "UPDATE leadership SET expires_at = 0";
        };
        service->store.write_now(run_out);
        service->run(second->hosts.replica().beat());
        ASSERT_TRUE(second->hosts.replica().leads());
    }

    struct Outcome
    {
        std::optional<CreatedHost> created;
        std::string failure;

        [[nodiscard]] bool known() const { return created || !failure.empty(); }
    };

    std::shared_ptr<Outcome> begin(Lifecycle& at, CreateHost command)
    {
        auto outcome = std::make_shared<Outcome>();
        boost::asio::co_spawn(service->io, at.create(std::move(command)),
                              [outcome](const std::exception_ptr& failure, const CreatedHost& created) {
                                  try {
                                      if (failure) {
                                          std::rethrow_exception(failure);
                                      }
                                      outcome->created = created;
                                  } catch (const std::exception& error) {
                                      outcome->failure = error.what();
                                  }
                              });
        return outcome;
    }

    std::unique_ptr<Second> second;
};

TEST_F(ReplicaTest, LeadsAlone)
{
    EXPECT_TRUE(service->hosts.replica().leads());
    EXPECT_FALSE(second->hosts.replica().leads());
    service->run(second->hosts.replica().beat());
    EXPECT_FALSE(second->hosts.replica().leads());
}

TEST_F(ReplicaTest, TakesTheLeadOfOneThatIsDead)
{
    first_dies();
}

TEST_F(ReplicaTest, GivesUpTheLeadWhenItLeaves)
{
    service->run(service->hosts.replica().leave());
    EXPECT_FALSE(service->hosts.replica().leads());
    service->run(second->hosts.replica().beat());
    EXPECT_TRUE(second->hosts.replica().leads());
}

TEST_F(ReplicaTest, JoinsAProvisionAtTheOtherReplica)
{
    const auto gate = block_at("created");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    const auto joined = begin(second->hosts, with_key("k"));
    service->io.restart();
    service->io.run_for(50ms);
    EXPECT_FALSE(joined->known());
    gate->set();
    service->run_until([&] { return first->known() && joined->known(); });
    ASSERT_TRUE(joined->created) << joined->failure;
    EXPECT_EQ(joined->created->host.id, first->created->host.id);
    EXPECT_EQ(joined->created->private_key->reveal(), first->created->private_key->reveal());
    EXPECT_EQ(cloud->asked.size(), 1U);
}

TEST_F(ReplicaTest, GivesTheJoinerAtTheOtherReplicaTheSameFailure)
{
    const auto gate = block_at("create");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    const auto joined = begin(second->hosts, with_key("k"));
    service->io.restart();
    service->io.run_for(50ms);
    fail_at("created");
    gate->set();
    service->run_until([&] { return first->known(); });
    // The row and the key may be gone before the joiner looks again.
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    service->run_until([&] { return joined->known(); });
    EXPECT_EQ(first->failure, "ScriptedError: failed at created");
    EXPECT_EQ(joined->failure, first->failure);
}

TEST_F(ReplicaTest, StampsTheAskedLeaseForAJoinerWhenTheFirstCallerIsGone)
{
    const auto gate = block_at("created");
    auto gone = with_key("k");
    gone.caller_gone = [] { return true; };
    const auto first = begin(service->hosts, std::move(gone));
    run_until_reached();
    const auto joined = begin(second->hosts, with_key("k"));
    gate->set();
    service->run_until([&] { return joined->known(); });
    EXPECT_EQ(joined->created->host.expires_at, service->now + policy.lease_default_ttl);
}

TEST_F(ReplicaTest, NeverFailsTheRowsOfALivingReplica)
{
    const auto gate = block_at("created");
    const auto first = begin(second->hosts, with_key("k"));
    run_until_reached();
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->rows().at(0).status, HostStatus::creating_vm);
    gate->set();
    service->run_until([&] { return first->known(); });
    EXPECT_TRUE(first->created);
}

TEST_F(ReplicaTest, DoesNotJudgeOthersBeforeTheyHadTheTimeToComeBack)
{
    Replica fresh{service->io.get_executor(), service->store, "fresh", true, [this] { return service->now; }};
    fresh.join();
    EXPECT_FALSE(service->run(fresh.alive()).has_value());
    EXPECT_TRUE(service->run(service->hosts.replica().alive()).has_value());
}

TEST_F(ReplicaTest, TakesOverWhatADeadReplicaWasMaking)
{
    const auto gate = block_at("created");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    const auto id = service->rows().at(0).id;
    first_dies();
    EXPECT_TRUE(service->run(second->hosts.reconcile())) << "there is more to do at once";
    EXPECT_EQ(service->row(id)->status, HostStatus::error);
    EXPECT_EQ(service->key("k"), std::nullopt);
    cloud->on_step = nullptr;
    service->run(second->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
    // The one that was thought dead finds its row taken away.
    gate->set();
    service->run_until([&] { return first->known(); });
    EXPECT_EQ(first->failure, "HostDeleted: the host was deleted while it was being provisioned");
}

TEST_F(ReplicaTest, TellsWhoWaitedForADeadReplicaOfTheFailure)
{
    const auto gate = block_at("created");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    const auto joined = begin(second->hosts, with_key("k"));
    service->io.restart();
    service->io.run_for(50ms);
    first_dies();
    service->run(second->hosts.reconcile());
    service->run_until([&] { return joined->known(); });
    EXPECT_EQ(joined->failure, "ReplicaDied: the service ended while the host was being provisioned");
    cloud->on_step = nullptr;
    gate->set();
}

TEST_F(ReplicaTest, TakesUpATeardownOfADeadReplica)
{
    const auto created = create();
    const auto gate = block_at("remove");
    boost::asio::co_spawn(service->io, service->hosts.remove(created.host.id),
                          [](const std::exception_ptr&) {});
    run_until_reached();
    cloud->on_step = nullptr;
    first_dies();
    service->run(second->hosts.reconcile());
    service->run(second->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
    gate->set();
}

TEST_F(ReplicaTest, DeletesAHostThatADeadReplicaWasTearingDown)
{
    const auto created = create();
    const auto gate = block_at("remove");
    boost::asio::co_spawn(service->io, service->hosts.remove(created.host.id),
                          [](const std::exception_ptr&) {});
    run_until_reached();
    cloud->on_step = nullptr;
    bool removed = false;
    boost::asio::co_spawn(service->io, second->hosts.remove(created.host.id),
                          [&](const std::exception_ptr& failure) { removed = !failure; });
    service->io.restart();
    service->io.run_for(50ms);
    first_dies();
    service->run(second->hosts.reconcile());
    service->run_until([&] { return removed; });
    EXPECT_TRUE(service->rows().empty());
    gate->set();
}

TEST_F(ReplicaTest, AnswersConcurrentDeletesAtTwoReplicasOnceWithSuccess)
{
    const auto created = create();
    const auto gate = block_at("remove");
    int removed = 0;
    int missing = 0;
    const auto done = [&](const std::exception_ptr& failure) {
        if (!failure) {
            ++removed;
            return;
        }
        EXPECT_THROW(std::rethrow_exception(failure), HostNotFound);
        ++missing;
    };
    boost::asio::co_spawn(service->io, service->hosts.remove(created.host.id), done);
    run_until_reached();
    boost::asio::co_spawn(service->io, second->hosts.remove(created.host.id), done);
    service->io.restart();
    service->io.run_for(50ms);
    gate->set();
    service->run_until([&] { return removed + missing == 2; });
    EXPECT_EQ(removed, 1);
    EXPECT_EQ(missing, 1);
    EXPECT_EQ(cloud->removed.size(), 1U);
}

TEST_F(ReplicaTest, LeavesTheReconcilerOfTheOtherOutOfATeardown)
{
    const auto created = create();
    const auto gate = block_at("remove");
    bool removed = false;
    boost::asio::co_spawn(service->io, second->hosts.remove(created.host.id),
                          [&](const std::exception_ptr& failure) { removed = !failure; });
    run_until_reached();
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->row(created.host.id));
    gate->set();
    service->run_until([&] { return removed; });
}

TEST_F(ReplicaTest, CancelsAProvisionAtTheOtherReplicaForAForcedDelete)
{
    const auto gate = block_at("created");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    const auto id = service->rows().at(0).id;
    bool removed = false;
    boost::asio::co_spawn(service->io, second->hosts.remove(id, true),
                          [&](const std::exception_ptr& failure) { removed = !failure; });
    service->run_until([&] { return service->row(id)->teardown_at.has_value(); });
    service->run(service->hosts.replica().beat());
    service->run_until([&] { return removed && first->known(); });
    EXPECT_EQ(first->failure, "HostDeleted: the host was deleted while it was being provisioned");
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ReplicaTest, GivesEachClaimantOfTwoReplicasAnother)
{
    start_both_with_pool(16);
    service->run(service->hosts.maintain_pool());
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    std::vector<std::shared_ptr<Outcome>> outcomes;
    for (int i = 0; i < 16; ++i) {
        outcomes.push_back(begin(i % 2 == 0 ? service->hosts : second->hosts, CreateHost{}));
    }
    std::set<std::string> ids;
    for (const auto& outcome : outcomes) {
        service->run_until([&] { return outcome->known(); });
        ASSERT_TRUE(outcome->created) << outcome->failure;
        ids.insert(outcome->created->host.id.str());
    }
    EXPECT_EQ(ids.size(), 16U);
    EXPECT_EQ(cloud->asked.size(), 16U);
}

TEST_F(ReplicaTest, OnlyTheLeaderKeepsThePool)
{
    start_both_with_pool(1);
    service->run(second->hosts.maintain_pool());
    EXPECT_EQ(second->hosts.unfinished(), 0U);
    first_dies();
    service->run(second->hosts.maintain_pool());
    service->run_until([&] { return second->hosts.unfinished() == 0; });
    EXPECT_EQ(service->rows().size(), 1U);
}

TEST_F(ReplicaTest, FinishesTheClaimOfADeadReplica)
{
    cloud->capabilities.replaces_key = true;
    start_both_with_pool(1);
    service->run(service->hosts.maintain_pool());
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    const auto gate = block_at("replace_key");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    cloud->on_step = nullptr;
    first_dies();
    service->run(second->hosts.reconcile());
    const auto retried = begin(second->hosts, with_key("k"));
    service->run_until([&] { return retried->known(); });
    ASSERT_TRUE(retried->created) << retried->failure;
    EXPECT_TRUE(retried->created->host.pooled);
    EXPECT_TRUE(retried->created->private_key);
    gate->set();
    service->run_until([&] { return first->known(); });
    EXPECT_EQ(cloud->machines.size(), 1U);
}

} // namespace
} // namespace drukbox::service
