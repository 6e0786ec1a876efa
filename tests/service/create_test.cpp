#include "lifecycle_fixture.hpp"

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

class CreateTest : public LifecycleTest
{
};

TEST_F(CreateTest, GivesAnActiveHostWithItsKeyAndTheDefaultLease)
{
    const auto created = create();
    EXPECT_EQ(created.host.status, HostStatus::active);
    EXPECT_EQ(created.host.name, host_name(created.host.id));
    EXPECT_EQ(created.host.image, "default-image");
    EXPECT_EQ(created.host.external_ssh_host, "192.0.2.7");
    EXPECT_EQ(created.host.external_ssh_port, 2222);
    EXPECT_EQ(created.host.expires_at, service->now + 24h);
    EXPECT_EQ(created.host.activated_at, service->now);
    ASSERT_TRUE(created.private_key);
    EXPECT_TRUE(created.private_key->reveal().starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
    EXPECT_EQ(cloud->deadlines.at(created.host.name), created.host.expires_at);
    EXPECT_TRUE(cloud->machines.contains(created.host.name));
}

TEST_F(CreateTest, StampsThePermanentLeaseOnceUsable)
{
    CreateHost command;
    command.lease = LeaseIntent{LeaseIntent::Kind::permanent};
    const auto created = create(std::move(command));
    EXPECT_EQ(created.host.expires_at, std::nullopt);
    EXPECT_EQ(cloud->deadlines.at(created.host.name), std::nullopt);
    ASSERT_EQ(cloud->asked.size(), 1U);
    EXPECT_EQ(cloud->asked[0].deadline, service->now + policy.provisioning_grace)
        << "the safety lease until then";
}

TEST_F(CreateTest, HoldsTheLaterOfGraceAndTheAskedTimeWhileProvisioning)
{
    CreateHost soon;
    soon.lease = LeaseIntent::until(service->now + 5s);
    EXPECT_EQ(create(std::move(soon)).host.expires_at, service->now + 5s);
    CreateHost late;
    late.lease = LeaseIntent::until(service->now + 5h);
    EXPECT_EQ(create(std::move(late)).host.expires_at, service->now + 5h);
    EXPECT_EQ(cloud->asked.at(0).deadline, service->now + policy.provisioning_grace);
    EXPECT_EQ(cloud->asked.at(1).deadline, service->now + 5h);
}

TEST_F(CreateTest, RefusesAnUnknownProvider)
{
    CreateHost command;
    command.provider = "nowhere";
    try {
        create(std::move(command));
        FAIL();
    } catch (const UnknownProvider& error) {
        EXPECT_STREQ(error.what(), "unknown provider 'nowhere'; available: scripted");
    }
    EXPECT_TRUE(service->rows().empty());
}

TEST_F(CreateTest, RefusesSizesTheProviderDoesNotTake)
{
    CreateHost type;
    type.instance_type.emplace("big");
    EXPECT_THROW(create(std::move(type)), SizingUnsupported);
    CreateHost disk;
    disk.disk_gb = 5;
    EXPECT_THROW(create(std::move(disk)), SizingUnsupported);
    EXPECT_TRUE(service->rows().empty());
}

TEST_F(CreateTest, RefusesAVariableThatTheProviderCannotCarry)
{
    cloud->capabilities.one_line_env = true;
    for (const std::string& value : {std::string{"a\nb"}, std::string{"a\rb"}, std::string{"a\0b", 3}}) {
        CreateHost command;
        command.env["A"] = Redacted{value};
        EXPECT_THROW(create(std::move(command)), EnvUnsupported);
    }
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->asked.empty());
}

TEST_F(CreateTest, LooksAKeyUpBeforeItJudgesSizes)
{
    const auto first = create(with_key("k"));
    auto again = with_key("k");
    again.disk_gb = 5;
    EXPECT_THROW(create(std::move(again)), IdempotencyKeyReused);
    EXPECT_EQ(create(with_key("k")).host.id, first.host.id);
}

TEST_F(CreateTest, ReplaysTheHostAndItsPrivateKeyForAFewMinutes)
{
    const auto first = create(with_key("k"));
    const auto second = create(with_key("k"));
    EXPECT_EQ(second.host.id, first.host.id);
    ASSERT_TRUE(second.private_key);
    EXPECT_EQ(second.private_key->reveal(), first.private_key->reveal());
    service->now += policy.private_key_replay;
    const auto third = create(with_key("k"));
    EXPECT_EQ(third.host.id, first.host.id);
    EXPECT_FALSE(third.private_key);
    EXPECT_EQ(cloud->machines.size(), 1U);
}

TEST_F(CreateTest, ReplaysAfterARestart)
{
    const auto first = create(with_key("k"));
    restart();
    const auto second = create(with_key("k"));
    EXPECT_EQ(second.host.id, first.host.id);
    EXPECT_EQ(second.private_key->reveal(), first.private_key->reveal());
}

TEST_F(CreateTest, NeverReplaysThePrivateKeyWhenThatIsTurnedOff)
{
    policy.private_key_replay = 0s;
    restart();
    const auto first = create(with_key("k"));
    EXPECT_TRUE(first.private_key);
    EXPECT_FALSE(create(with_key("k")).private_key);
}

TEST_F(CreateTest, ForgetsAKeyAfterItsTime)
{
    const auto first = create(with_key("k"));
    service->now += policy.idempotency_key_ttl;
    EXPECT_NE(create(with_key("k")).host.id, first.host.id);
}

TEST_F(CreateTest, JoinsConcurrentCallersOfOneKeyToOneProvision)
{
    const auto gate = block_at("created");
    int answered = 0;
    std::set<std::string> ids;
    std::set<std::string> keys;
    for (int i = 0; i < 64; ++i) {
        boost::asio::co_spawn(service->io, service->hosts.create(with_key("k")),
                              [&](const std::exception_ptr& failure, const CreatedHost& created) {
                                  ASSERT_FALSE(failure);
                                  ++answered;
                                  ids.insert(created.host.id.str());
                                  keys.insert(created.private_key.value().reveal());
                              });
    }
    run_until_reached();
    gate->set();
    service->run_until([&] { return answered == 64; });
    EXPECT_EQ(ids.size(), 1U);
    EXPECT_EQ(keys.size(), 1U);
    EXPECT_EQ(cloud->asked.size(), 1U);
    EXPECT_EQ(cloud->machines.size(), 1U);
}

TEST_F(CreateTest, AnswersFailuresAtEachProviderStepAndLeavesNothingThere)
{
    for (const std::string step : {"create", "created", "reachable", "deadline"}) {
        fail_at(step);
        try {
            create(with_key("k"));
            FAIL() << step;
        } catch (const ProvisioningFailed& error) {
            EXPECT_EQ(error.what(), "ScriptedError: failed at " + step);
        }
        cloud->on_step = nullptr;
        service->run_until([&] { return service->hosts.unfinished() == 0; });
        const auto rows = service->rows();
        ASSERT_EQ(rows.size(), 1U) << step;
        EXPECT_EQ(rows[0].status, HostStatus::error);
        EXPECT_EQ(rows[0].last_error, "ScriptedError: failed at " + step);
        EXPECT_EQ(rows[0].expires_at, service->now);
        EXPECT_TRUE(cloud->machines.empty()) << step;
        EXPECT_EQ(service->key("k"), std::nullopt) << "a failed provision never binds its key";
        service->run(service->hosts.remove(rows[0].id));
        EXPECT_TRUE(service->rows().empty());
    }
}

TEST_F(CreateTest, HidesTheTextOfADefectFromTheCaller)
{
    cloud->on_step = [](const std::string&, const std::string&) -> std::shared_ptr<Signal> {
        throw std::logic_error("secret internals");
    };
    try {
        create();
        FAIL();
    } catch (const ProvisioningFailed& error) {
        EXPECT_EQ(std::string{error.what()}.find("secret"), std::string::npos);
    }
}

TEST_F(CreateTest, ProvisionsAnewWithAKeyWhoseProvisionFailed)
{
    fail_at("create");
    EXPECT_THROW(create(with_key("k")), ProvisioningFailed);
    cloud->on_step = nullptr;
    EXPECT_EQ(create(with_key("k")).host.status, HostStatus::active);
}

TEST_F(CreateTest, GoesOnWhenTheCallerHangsUpAndKeepsOnlyTheShortLease)
{
    auto command = with_key("k");
    command.caller_gone = [] { return true; };
    const auto created = create(std::move(command));
    EXPECT_EQ(created.host.status, HostStatus::active);
    EXPECT_TRUE(created.host.unclaimed);
    EXPECT_EQ(created.host.expires_at, service->now + policy.unclaimed_lease);

    service->now += 60s;
    const auto retried = create(with_key("k"));
    EXPECT_EQ(retried.host.id, created.host.id);
    EXPECT_EQ(retried.host.expires_at, service->now + policy.lease_default_ttl)
        << "the lease that was asked for";
    EXPECT_EQ(cloud->deadlines.at(retried.host.name), retried.host.expires_at);
    EXPECT_TRUE(retried.private_key);
}

TEST_F(CreateTest, ProvisionsAnewForARetryWhenTheUnclaimedMachineIsGone)
{
    auto command = with_key("k");
    command.caller_gone = [] { return true; };
    const auto created = create(std::move(command));
    cloud->machines.clear();
    const auto retried = create(with_key("k"));
    EXPECT_NE(retried.host.id, created.host.id);
    EXPECT_FALSE(retried.host.unclaimed);
    EXPECT_EQ(service->row(created.host.id)->status, HostStatus::error);
}

TEST_F(CreateTest, ClaimsForACallerWhoComesWhenTheLeaseHasJustBeenStampedForNobody)
{
    const auto gate = block_at("deadline");
    auto gone = with_key("k");
    gone.caller_gone = [] { return true; };
    begin_create(std::move(gone));
    run_until_reached();
    std::optional<CreatedHost> joined;
    boost::asio::co_spawn(service->io, service->hosts.create(with_key("k")),
                          [&](const std::exception_ptr&, const CreatedHost& created) { joined = created; });
    service->io.restart();
    service->io.run_for(50ms);
    gate->set();
    service->run_until([&] { return joined.has_value(); });
    EXPECT_FALSE(joined->host.unclaimed);
    EXPECT_EQ(joined->host.expires_at, service->now + policy.lease_default_ttl);
    EXPECT_EQ(cloud->deadlines.at(joined->host.name), joined->host.expires_at);
}

TEST_F(CreateTest, EndsInErrorWhenARenewedLeaseCannotBeToldToTheProvider)
{
    const auto gate = block_at("reachable");
    begin_create(with_key("k"));
    run_until_reached();
    const auto id = service->rows().at(0).id;
    cloud->on_step = nullptr;
    service->run(service->hosts.renew(id, service->now + 7h));
    fail_at("deadline");
    gate->set();
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    EXPECT_EQ(service->row(id)->status, HostStatus::error);
    EXPECT_EQ(service->key("k"), std::nullopt);
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(CreateTest, DoesNotLengthenAShortLeaseForACallerThatHungUp)
{
    CreateHost command;
    command.lease = LeaseIntent::until(service->now + 30s);
    command.caller_gone = [] { return true; };
    EXPECT_EQ(create(std::move(command)).host.expires_at, service->now + 30s);
}

TEST_F(CreateTest, CountsAsClaimedWhenOneOfTheJoinedCallersIsThere)
{
    const auto gate = block_at("created");
    auto gone = with_key("k");
    gone.caller_gone = [] { return true; };
    begin_create(std::move(gone));
    run_until_reached();
    std::optional<CreatedHost> joined;
    boost::asio::co_spawn(service->io, service->hosts.create(with_key("k")),
                          [&](const std::exception_ptr&, const CreatedHost& created) { joined = created; });
    service->io.restart();
    service->io.run_for(50ms);
    gate->set();
    service->run_until([&] { return joined.has_value(); });
    EXPECT_FALSE(joined->host.unclaimed);
    EXPECT_EQ(joined->host.expires_at, service->now + policy.lease_default_ttl);
}

TEST_F(CreateTest, KeepsALeaseThatWasRenewedWhileBootstrapping)
{
    const auto gate = block_at("reachable");
    std::optional<CreatedHost> created;
    boost::asio::co_spawn(service->io, service->hosts.create(CreateHost{}),
                          [&](const std::exception_ptr&, const CreatedHost& host) { created = host; });
    run_until_reached();
    const auto id = service->rows().at(0).id;
    cloud->on_step = nullptr;
    service->run(service->hosts.renew(id, service->now + 7h));
    gate->set();
    service->run_until([&] { return created.has_value(); });
    EXPECT_EQ(created->host.expires_at, service->now + 7h);
    EXPECT_EQ(cloud->deadlines.at(created->host.name), service->now + 7h);
}

TEST_F(CreateTest, ExtendsTheSafetyLeaseWhileAProvisionIsAlive)
{
    policy.provisioning_grace = 1s; // the heartbeat comes every third of it
    restart();
    const auto gate = block_at("created");
    begin_create(CreateHost{});
    run_until_reached();
    const auto id = service->rows().at(0).id;
    const auto before = service->row(id)->expires_at;
    service->now += 1h;
    service->run_until([&] { return service->row(id)->expires_at != before; });
    EXPECT_EQ(service->row(id)->expires_at, service->now + 1s);
    service->run(service->hosts.reconcile());
    EXPECT_EQ(service->row(id)->status, HostStatus::creating_vm)
        << "no janitor kills a provision that is alive";
    gate->set();
    service->run_until([&] { return service->row(id)->status == HostStatus::active; });
}

TEST_F(CreateTest, DeliversEnvButDoesNotStoreIt)
{
    CreateHost command;
    command.env.emplace("TOKEN", Redacted{"planted-secret-value"});
    create(std::move(command));
    EXPECT_EQ(cloud->asked.at(0).env.at("TOKEN").reveal(), "planted-secret-value");
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string content{std::istreambuf_iterator<char>{file}, {}};
        EXPECT_EQ(content.find("planted-secret-value"), std::string::npos) << entry.path();
        EXPECT_EQ(content.find("OPENSSH PRIVATE KEY"), std::string::npos) << entry.path();
    }
}

} // namespace
} // namespace drukbox::service
