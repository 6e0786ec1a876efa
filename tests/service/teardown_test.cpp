#include "lifecycle_fixture.hpp"
#include "service/store/host_ownership.hpp"

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

class TeardownTest : public LifecycleTest
{
};

TEST_F(TeardownTest, RemovesTheMachineThenTheRowAndFreesTheKey)
{
    const auto created = create(with_key("k"));
    service->run(service->hosts.remove(created.host.id));
    EXPECT_TRUE(cloud->machines.empty());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_EQ(service->key("k"), std::nullopt);
    EXPECT_THROW(service->run(service->hosts.remove(created.host.id)), HostNotFound);
}

TEST_F(TeardownTest, RefusesAHostThatIsStillProvisioning)
{
    const auto gate = block_at("created");
    begin_create(CreateHost{});
    run_until_reached();
    const auto id = service->rows().at(0).id;
    EXPECT_THROW(service->run(service->hosts.remove(id)), HostStateConflict);
    gate->set();
    service->run_until([&] { return service->row(id)->status == HostStatus::active; });
    service->run(service->hosts.remove(id));
}

TEST_F(TeardownTest, CancelsAProvisionInFlightWhenForced)
{
    block_at("created");
    std::string answer;
    boost::asio::co_spawn(service->io, service->hosts.create(with_key("k")),
                          [&](const std::exception_ptr& failure, const CreatedHost&) {
                              try {
                                  std::rethrow_exception(failure);
                              } catch (const ProvisioningFailed& error) {
                                  answer = error.what();
                              }
                          });
    run_until_reached();
    const auto id = service->rows().at(0).id;
    service->run(service->hosts.remove(id, true));
    EXPECT_EQ(answer, "HostDeleted: the host was deleted while it was being provisioned");
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
    EXPECT_EQ(service->key("k"), std::nullopt);
}

TEST_F(TeardownTest, TakesABootstrappingHostAwayFromItsProvision)
{
    const auto gate = block_at("reachable");
    std::string answer;
    boost::asio::co_spawn(service->io, service->hosts.create(CreateHost{}),
                          [&](const std::exception_ptr& failure, const CreatedHost&) {
                              try {
                                  std::rethrow_exception(failure);
                              } catch (const ProvisioningFailed& error) {
                                  answer = error.what();
                              }
                          });
    run_until_reached();
    const auto id = service->rows().at(0).id;
    service->run(service->hosts.remove(id));
    gate->set();
    service->run_until([&] { return !answer.empty(); });
    EXPECT_EQ(answer, "HostDeleted: the host was deleted while it was being provisioned");
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(TeardownTest, KeepsTheRowWhenTheProviderFailsAndSucceedsOnRetry)
{
    const auto created = create();
    fail_at("remove");
    EXPECT_THROW(service->run(service->hosts.remove(created.host.id)), TeardownFailed);
    ASSERT_TRUE(service->row(created.host.id));
    cloud->on_step = nullptr;
    service->run(service->hosts.remove(created.host.id));
    EXPECT_TRUE(service->rows().empty());
}

TEST_F(TeardownTest, IsTakenUpByTheReconcilerWhenItFailed)
{
    const auto created = create();
    fail_at("remove");
    EXPECT_THROW(service->run(service->hosts.remove(created.host.id)), TeardownFailed);
    EXPECT_THROW(service->run(service->hosts.renew(created.host.id, std::nullopt)), HostStateConflict);
    cloud->on_step = nullptr;
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(TeardownTest, GivesOneOfTwoConcurrentCallersNotFound)
{
    const auto created = create();
    const auto gate = block_at("remove");
    int removed = 0;
    int missing = 0;
    for (int i = 0; i < 2; ++i) {
        boost::asio::co_spawn(service->io, service->hosts.remove(created.host.id),
                              [&](const std::exception_ptr& failure) {
                                  if (!failure) {
                                      ++removed;
                                      return;
                                  }
                                  EXPECT_THROW(std::rethrow_exception(failure), HostNotFound);
                                  ++missing;
                              });
    }
    run_until_reached();
    gate->set();
    service->run_until([&] { return removed + missing == 2; });
    EXPECT_EQ(removed, 1);
    EXPECT_EQ(missing, 1);
    EXPECT_EQ(cloud->removed.size(), 1U);
}

TEST_F(TeardownTest, TellsEachOfTwoConcurrentCallersOfTheSameRefusal)
{
    const auto outcomes = [this](const HostId& id) {
        std::vector<std::string> told;
        for (int i = 0; i < 2; ++i) {
            boost::asio::co_spawn(service->io, service->hosts.remove(id),
                                  [&](const std::exception_ptr& failure) {
                                      try {
                                          std::rethrow_exception(failure);
                                      } catch (const HostError& error) {
                                          told.emplace_back(error.what());
                                      }
                                  });
        }
        service->run_until([&] { return told.size() == 2; });
        return told;
    };
    EXPECT_EQ(outcomes(HostId::v7(service->now)),
              (std::vector<std::string>{"host not found", "host not found"}));

    const auto gate = block_at("created");
    begin_create(CreateHost{});
    run_until_reached();
    const auto id = service->rows().at(0).id;
    const std::string refusal = "host is still provisioning";
    EXPECT_EQ(outcomes(id), (std::vector<std::string>{refusal, refusal}));
    gate->set();
    service->run_until([&] { return service->row(id)->status == HostStatus::active; });
}

class RenewTest : public LifecycleTest
{
};

TEST_F(RenewTest, ShortensLengthensAndNeverMakesPermanent)
{
    CreateHost permanent;
    permanent.lease = LeaseIntent{LeaseIntent::Kind::permanent};
    const auto created = create(std::move(permanent));
    const auto id = created.host.id;
    for (const std::optional<Timestamp> wish :
         {std::optional<Timestamp>{}, std::optional{service->now + 1h}, std::optional{service->now + 48h}}) {
        const auto renewed = service->run(service->hosts.renew(id, wish));
        EXPECT_EQ(renewed.expires_at, wish.value_or(service->now + policy.lease_default_ttl));
        EXPECT_EQ(cloud->deadlines.at(renewed.name), renewed.expires_at);
    }
}

TEST_F(RenewTest, RefusesUnknownHostsAndThoseInError)
{
    EXPECT_THROW(service->run(service->hosts.renew(HostId::v7(service->now), std::nullopt)), HostNotFound);
    fail_at("create");
    EXPECT_THROW(create(), ProvisioningFailed);
    cloud->on_step = nullptr;
    const auto id = service->rows().at(0).id;
    try {
        service->run(service->hosts.renew(id, std::nullopt));
        FAIL();
    } catch (const HostStateConflict& error) {
        EXPECT_STREQ(error.what(), "cannot renew a host in status error");
    }
}

TEST_F(RenewTest, RefusesToLengthenTheLeaseOfAMachineThatIsGone)
{
    const auto created = create();
    cloud->machines.clear();
    EXPECT_THROW(service->run(service->hosts.renew(created.host.id, service->now + 90h)), HostStateConflict);
    EXPECT_EQ(service->row(created.host.id)->expires_at, created.host.expires_at);
}

TEST_F(RenewTest, FailsAndMovesNothingWhenTheProviderCannotBeTold)
{
    const auto created = create();
    fail_at("deadline");
    EXPECT_THROW(service->run(service->hosts.renew(created.host.id, service->now + 90h)), RenewalFailed);
    EXPECT_EQ(service->row(created.host.id)->expires_at, created.host.expires_at);
}

TEST_F(RenewTest, SparesAHostFromTheJanitor)
{
    const auto created = create();
    service->now += policy.lease_default_ttl;
    service->run(service->hosts.renew(created.host.id, service->now + 1h));
    auto take = [this, id = created.host.id](Session& sql) {
        return host_ownership::take_due(sql, id, "here", service->now);
    };
    EXPECT_FALSE(service->store.write_now(take));
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->row(created.host.id)->status, HostStatus::active);
}

} // namespace
} // namespace drukbox::service
