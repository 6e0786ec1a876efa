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
        , replica(first.io.get_executor(), first.store, "second", true)
        , context(first.io.get_executor(), first.store, providers, first.sealer, replica, metrics, policy,
                  "scripted")
        , teardowns(context)
        , hosts(context, teardowns)
        , pool(context, hosts, teardowns)
        , reconciler(context, teardowns)
    {
        context.now = [&first] { return first.now; };
        replica.now = context.now;
        replica.join();
        replica.judge_at_once();
    }

    ProviderRegistry providers;
    Replica replica;
    Metrics metrics;
    HostContext context;
    Teardowns teardowns;
    HostService hosts;
    Pool pool;
    Reconciler reconciler;
};

class ReplicaTest : public LifecycleTest
{
protected:
    ReplicaTest()
        : LifecycleTest(true)
    {
        service->replica.now = [this] { return service->now; };
        service->replica.join();
        service->replica.judge_at_once();
        service->replica.on_teardown_requested = [this](const std::vector<HostId>& ids) {
            for (const auto& id : ids) {
                if (const auto running = service->context.provisions.find(id);
                    running != service->context.provisions.end()) {
                    running->second->cancel();
                }
            }
        };
        second = std::make_unique<Second>(*service, cloud, policy);
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
        service->run(second->replica.beat());
        ASSERT_TRUE(second->replica.leads());
    }

    struct Outcome
    {
        std::optional<CreatedHost> created;
        std::string failure;

        [[nodiscard]] bool known() const { return created || !failure.empty(); }
    };

    std::shared_ptr<Outcome> begin(HostService& at, CreateHost command)
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
    EXPECT_TRUE(service->replica.leads());
    EXPECT_FALSE(second->replica.leads());
    service->run(second->replica.beat());
    EXPECT_FALSE(second->replica.leads());
}

TEST_F(ReplicaTest, TakesTheLeadOfOneThatIsDead)
{
    first_dies();
}

TEST_F(ReplicaTest, GivesUpTheLeadWhenItLeaves)
{
    service->run(service->replica.leave());
    EXPECT_FALSE(service->replica.leads());
    service->run(second->replica.beat());
    EXPECT_TRUE(second->replica.leads());
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
    service->run_until([&] { return service->context.tasks.size() == 0; });
    service->run(service->reconciler.round());
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
    service->run(service->reconciler.round());
    EXPECT_EQ(service->rows().at(0).status, HostStatus::creating_vm);
    gate->set();
    service->run_until([&] { return first->known(); });
    EXPECT_TRUE(first->created);
}

TEST_F(ReplicaTest, DoesNotJudgeOthersBeforeTheyHadTheTimeToComeBack)
{
    Replica fresh{service->io.get_executor(), service->store, "fresh", true};
    fresh.now = [this] { return service->now; };
    fresh.join();
    EXPECT_FALSE(service->run(fresh.alive()).has_value());
    EXPECT_TRUE(service->run(service->replica.alive()).has_value());
}

TEST_F(ReplicaTest, TakesOverWhatADeadReplicaWasMaking)
{
    const auto gate = block_at("created");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    const auto id = service->rows().at(0).id;
    first_dies();
    EXPECT_TRUE(service->run(second->reconciler.round())) << "there is more to do at once";
    EXPECT_EQ(service->row(id)->status, HostStatus::error);
    EXPECT_EQ(service->key("k"), std::nullopt);
    cloud->on_step = nullptr;
    service->run(second->reconciler.round());
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
    service->run(second->reconciler.round());
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
    service->run(second->reconciler.round());
    service->run(second->reconciler.round());
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
    service->run(second->reconciler.round());
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
    service->run(service->reconciler.round());
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
    service->run(service->replica.beat());
    service->run_until([&] { return removed && first->known(); });
    EXPECT_EQ(first->failure, "HostDeleted: the host was deleted while it was being provisioned");
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ReplicaTest, GivesEachClaimantOfTwoReplicasAnother)
{
    service->context.policy.pool_sizes = {{"scripted", 16}};
    service->context.policy.pool_creates = 16;
    service->run(service->pool.round());
    service->run_until([&] { return service->context.tasks.size() == 0; });
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
    second->context.policy.pool_sizes = {{"scripted", 1}};
    service->run(second->pool.round());
    EXPECT_EQ(second->context.tasks.size(), 0U);
    first_dies();
    service->run(second->pool.round());
    service->run_until([&] { return second->context.tasks.size() == 0; });
    EXPECT_EQ(service->rows().size(), 1U);
}

TEST_F(ReplicaTest, FinishesTheClaimOfADeadReplica)
{
    cloud->capabilities.replaces_key = true;
    service->context.policy.pool_sizes = {{"scripted", 1}};
    service->run(service->pool.round());
    service->run_until([&] { return service->context.tasks.size() == 0; });
    const auto gate = block_at("replace_key");
    const auto first = begin(service->hosts, with_key("k"));
    run_until_reached();
    cloud->on_step = nullptr;
    first_dies();
    service->run(second->reconciler.round());
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
