#include "lifecycle_fixture.hpp"
#include "service/records/host_state.hpp"
#include "service/store/host_ownership.hpp"

#include <libssh/libssh.h>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

std::string public_half(const Redacted& private_key)
{
    ssh_key key = nullptr;
    char* text = nullptr;
    EXPECT_EQ(ssh_pki_import_privkey_base64(private_key.reveal().c_str(), nullptr, nullptr, nullptr, &key),
              SSH_OK);
    EXPECT_EQ(ssh_pki_export_pubkey_base64(key, &text), SSH_OK);
    std::string result = std::string{"ssh-ed25519 "} + text;
    ssh_string_free_char(text);
    ssh_key_free(key);
    return result;
}

class PoolTest : public LifecycleTest
{
protected:
    /// A service whose pool is to have this many.
    void restart_with_pool(int size)
    {
        policy.pool_sizes = {{"scripted", size}};
        policy.pool_creates = 64;
        restart();
    }

    /// Rounds until the pool is full.
    void fill(int size)
    {
        restart_with_pool(size);
        maintain();
        ASSERT_EQ(members().size(), static_cast<std::size_t>(size));
    }

    void maintain()
    {
        service->run(service->hosts.maintain_pool());
        service->run_until([&] { return service->hosts.unfinished() == 0; });
    }

    std::vector<Host> members()
    {
        auto rows = service->rows();
        std::erase_if(rows, [](const Host& host) { return !host_state::pool_member(host); });
        return rows;
    }
};

TEST_F(PoolTest, KeepsAsManyWarmAsAreAskedFor)
{
    fill(3);
    for (const auto& host : members()) {
        EXPECT_EQ(host.status, HostStatus::active);
        EXPECT_EQ(host.expires_at, service->now + policy.pool_max_age);
        EXPECT_FALSE(host.unclaimed);
    }
    maintain();
    EXPECT_EQ(members().size(), 3U);
}

TEST_F(PoolTest, MakesOnlySoManyOfAProviderAtATime)
{
    policy.pool_sizes = {{"scripted", 5}};
    policy.pool_creates = 2;
    restart();
    const auto gate = block_at("created");
    service->run(service->hosts.maintain_pool());
    run_until_reached();
    service->run(service->hosts.maintain_pool());
    service->run_until([&] { return service->rows().size() == 2; });
    const auto making = [](const Host& host) { return host_state::early(host); };
    EXPECT_EQ(std::ranges::count_if(service->rows(), making), 2);
    gate->set();
    cloud->on_step = nullptr;
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    service->run(service->hosts.maintain_pool());
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    EXPECT_EQ(members().size(), 4U);
}

TEST_F(PoolTest, GivesTheOldestToWhoAsksForNothingInParticular)
{
    restart_with_pool(2);
    policy.pool_sizes = {{"scripted", 1}};
    restart();
    maintain();
    const auto oldest = members().at(0);
    restart_with_pool(2);
    service->now += 60s;
    maintain();
    CreateHost command;
    command.lease = LeaseIntent::until(service->now + 3h);
    const auto created = create(std::move(command));
    EXPECT_EQ(created.host.id, oldest.id);
    EXPECT_EQ(created.host.claimed_at, service->now);
    EXPECT_EQ(created.host.expires_at, service->now + 3h);
    EXPECT_EQ(cloud->deadlines.at(created.host.name), created.host.expires_at);
    EXPECT_TRUE(service->row(created.host.id)->owner.empty());
    EXPECT_EQ(cloud->asked.size(), 2U) << "nothing was made for the caller";
}

TEST_F(PoolTest, IsNotForWhoAsksForSomethingInParticular)
{
    fill(1);
    CreateHost image;
    image.image = "another";
    EXPECT_FALSE(create(std::move(image)).host.pooled);
    CreateHost env;
    env.env.emplace("A", Redacted{"b"});
    EXPECT_FALSE(create(std::move(env)).host.pooled);
    EXPECT_EQ(members().size(), 1U);
}

TEST_F(PoolTest, IsAskedBeforeSizesAreJudgedAndAfterTheKey)
{
    fill(1);
    CreateHost sized;
    sized.disk_gb = 5;
    EXPECT_THROW(create(std::move(sized)), SizingUnsupported);
    const auto first = create(with_key("k"));
    EXPECT_TRUE(first.host.pooled);
    maintain();
    EXPECT_EQ(create(with_key("k")).host.id, first.host.id);
    EXPECT_EQ(members().size(), 1U) << "a replay takes nothing from the pool";
}

TEST_F(PoolTest, GivesEachOfManyClaimantsAnother)
{
    fill(64);
    std::set<std::string> ids;
    std::set<std::string> keys;
    int answered = 0;
    for (int i = 0; i < 64; ++i) {
        boost::asio::co_spawn(service->io, service->hosts.create(with_key("k" + std::to_string(i))),
                              [&](const std::exception_ptr& failure, const CreatedHost& created) {
                                  ASSERT_FALSE(failure);
                                  ++answered;
                                  ids.insert(created.host.id.str());
                                  keys.insert(created.private_key.value().reveal());
                              });
    }
    service->run_until([&] { return answered == 64; });
    EXPECT_EQ(ids.size(), 64U);
    EXPECT_EQ(keys.size(), 64U);
    EXPECT_EQ(cloud->asked.size(), 64U) << "all of them warm";
    EXPECT_TRUE(members().empty());
}

TEST_F(PoolTest, IsToldOfAClaimAtOnce)
{
    fill(1);
    service->hosts.run(1h);
    create();
    service->run_until([this] { return members().size() == 1 && cloud->asked.size() == 2; });
}

TEST_F(PoolTest, SealsTheKeyOfAMemberUntilItIsClaimed)
{
    fill(1);
    const auto created = create(with_key("k"));
    ASSERT_TRUE(created.private_key);
    EXPECT_EQ(public_half(*created.private_key), cloud->asked.at(0).authorized_key);
    service->now += 60s;
    EXPECT_EQ(create(with_key("k")).private_key->reveal(), created.private_key->reveal());
}

TEST_F(PoolTest, PutsANewKeyOnAClaimedMachineWhereTheProviderCan)
{
    cloud->capabilities.replaces_key = true;
    fill(1);
    const auto created = create(with_key("k"));
    ASSERT_TRUE(created.private_key);
    const auto public_key = public_half(*created.private_key);
    EXPECT_NE(public_key, cloud->asked.at(0).authorized_key);
    EXPECT_EQ(cloud->keys.at(created.host.name), public_key);
    EXPECT_EQ(create(with_key("k")).private_key->reveal(), created.private_key->reveal());
}

TEST_F(PoolTest, FinishesAClaimThatWasInterruptedWhenItsCallerComesBack)
{
    cloud->capabilities.replaces_key = true;
    fill(1);
    const auto gate = block_at("replace_key");
    begin_create(with_key("k"));
    run_until_reached();
    restart();
    service->run(service->hosts.reconcile());
    const auto again = create(with_key("k"));
    EXPECT_TRUE(again.host.pooled);
    EXPECT_FALSE(again.host.key_pending);
    EXPECT_EQ(cloud->keys.at(again.host.name), public_half(*again.private_key));
    EXPECT_EQ(cloud->machines.size(), 1U);
}

TEST_F(PoolTest, PassesOverAMemberWhoseMachineIsGone)
{
    fill(2);
    const auto all = members();
    const auto& first = all.at(0).id < all.at(1).id ? all.at(0) : all.at(1);
    cloud->machines.erase(first.name);
    const auto created = create(with_key("k"));
    EXPECT_TRUE(created.host.pooled);
    EXPECT_NE(created.host.id, first.id);
    EXPECT_EQ(service->row(first.id)->status, HostStatus::error);
    EXPECT_EQ(service->key("k"), created.host.id);
}

TEST_F(PoolTest, GivesAClaimantWhoHungUpOnlyTheShortLease)
{
    fill(1);
    auto command = with_key("k");
    command.caller_gone = [] { return true; };
    const auto created = create(std::move(command));
    EXPECT_EQ(created.host.expires_at, service->now + policy.unclaimed_lease);
    EXPECT_EQ(create(with_key("k")).host.expires_at, service->now + policy.lease_default_ttl);
}

TEST_F(PoolTest, RefusesToRenewWhatNobodyHasClaimed)
{
    fill(1);
    const auto id = members().at(0).id;
    try {
        service->run(service->hosts.renew(id, std::nullopt));
        FAIL();
    } catch (const HostStateConflict& error) {
        EXPECT_STREQ(error.what(), "unclaimed pool host is managed by pool maintenance");
    }
    const auto claimed = create();
    EXPECT_EQ(service->run(service->hosts.renew(claimed.host.id, service->now + 90h)).expires_at,
              service->now + 90h);
}

TEST_F(PoolTest, ShedsWhatIsTooMuchButNothingThatIsClaimed)
{
    fill(3);
    const auto claimed = create();
    restart_with_pool(0);
    maintain();
    const auto rows = service->rows();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].id, claimed.host.id);
    EXPECT_EQ(cloud->machines, std::set{claimed.host.name});
}

TEST_F(PoolTest, SparesAMemberThatIsClaimedBeforeItIsShed)
{
    fill(1);
    const auto claimed = create();
    auto take = [this, id = claimed.host.id](Session& sql) {
        return host_ownership::take_surplus(sql, id, "here", service->now);
    };
    EXPECT_FALSE(service->store.write_now(take));
    EXPECT_TRUE(cloud->machines.contains(claimed.host.name));
}

TEST_F(PoolTest, NeitherCountsNorShedsHostsThatSomebodyAskedFor)
{
    const auto asked_for = create();
    fill(1);
    restart_with_pool(0);
    maintain();
    EXPECT_TRUE(service->row(asked_for.host.id));
}

TEST_F(PoolTest, ReplacesAMemberBeforeItIsTooOldAndReapsItThen)
{
    fill(1);
    const auto old = members().at(0);
    service->now += policy.pool_max_age - 1min;
    maintain();
    EXPECT_EQ(members().size(), 2U) << "the old one is good until its successor is there";
    maintain();
    EXPECT_EQ(members().size(), 1U);
    EXPECT_NE(members().at(0).id, old.id);
}

TEST_F(PoolTest, GivesNothingThatIsTooOld)
{
    fill(1);
    const auto old = members().at(0);
    service->now += policy.pool_max_age;
    EXPECT_NE(create().host.id, old.id);
    service->run(service->hosts.reconcile());
    EXPECT_FALSE(service->row(old.id));
}

TEST_F(PoolTest, WaitsForTheNextRoundWhenAMemberCannotBeMade)
{
    restart_with_pool(2);
    fail_at("create");
    maintain();
    EXPECT_TRUE(members().empty() || members().at(0).status == HostStatus::error);
    cloud->on_step = nullptr;
    maintain();
    service->run(service->hosts.reconcile());
    EXPECT_EQ(members().size(), 2U);
}

} // namespace
} // namespace drukbox::service
