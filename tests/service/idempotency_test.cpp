#include "lifecycle_fixture.hpp"
#include "service/hosts/errors.hpp"

#include <functional>
#include <map>
#include <string>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

/// Keys that stand for what was asked for with them.
class IdempotencyTest : public LifecycleTest
{
protected:
    IdempotencyTest()
    {
        cloud->capabilities.instance_type = true;
        cloud->capabilities.disk_gb = true;
    }

    static CreateHost order(const std::function<void(CreateHost&)>& change = [](CreateHost&) {})
    {
        auto command = with_key("k");
        command.image = "image";
        command.instance_type = "big";
        command.disk_gb = 5;
        command.env.emplace("A", Redacted{"1"});
        command.env.emplace("B", Redacted{"2"});
        change(command);
        return command;
    }

    void expect_refused(CreateHost command, const std::string& what)
    {
        EXPECT_THROW(create(std::move(command)), IdempotencyKeyReused) << what;
    }
};

TEST_F(IdempotencyTest, RefusesAKeyForSomethingElse)
{
    const auto first = create(order());
    const std::map<std::string, std::function<void(CreateHost&)>> others{
        {"another image", [](CreateHost& other) { other.image = "other"; }},
        {"no image", [](CreateHost& other) { other.image.reset(); }},
        {"another type", [](CreateHost& other) { other.instance_type = "bigger"; }},
        {"no type", [](CreateHost& other) { other.instance_type.reset(); }},
        {"another disk", [](CreateHost& other) { other.disk_gb = 6; }},
        {"no disk", [](CreateHost& other) { other.disk_gb.reset(); }},
        {"one variable less", [](CreateHost& other) { other.env.erase("B"); }},
        {"one variable more", [](CreateHost& other) { other.env.emplace("C", Redacted{"3"}); }},
        {"secrets", [](CreateHost& other) { other.secrets = {"S"}; }},
        {"a template",
         [](CreateHost& other) {
             other.image.reset();
             other.template_id = HostId{};
         }},
        {"nothing in particular", [](CreateHost& other) { other = with_key("k"); }},
    };
    for (const auto& [what, change] : others) {
        expect_refused(order(change), what);
    }
    restart();
    for (const auto& [what, change] : others) {
        expect_refused(order(change), what + " after a restart");
    }
    EXPECT_EQ(create(order()).host.id, first.host.id);
    EXPECT_EQ(cloud->asked.size(), 1U);
}

TEST_F(IdempotencyTest, LetsValuesAndTheLeaseDiffer)
{
    const auto first = create(order());
    const auto again = create(order([this](CreateHost& other) {
        other.env.at("A") = Redacted{"computed anew"};
        other.lease = LeaseIntent::until(service->now + 7h);
    }));
    EXPECT_EQ(again.host.id, first.host.id);
    EXPECT_TRUE(again.private_key);
}

TEST_F(IdempotencyTest, TakesADefaultByItsNameForTheSame)
{
    cloud->default_sizes = MachineSizes{"standard", 9};
    const auto name_all = [](CreateHost& command) {
        command.provider = "scripted";
        command.image = "default-image";
        command.instance_type = "standard";
        command.disk_gb = 9;
    };
    const auto first = create(with_key("k"));
    auto named = with_key("k");
    name_all(named);
    EXPECT_EQ(create(named).host.id, first.host.id);

    named.idempotency_key = "other";
    const auto second = create(named);
    EXPECT_EQ(create(with_key("other")).host.id, second.host.id);
}

TEST_F(IdempotencyTest, TakesTheSameWordsForTheSameWhenADefaultHasChanged)
{
    const auto first = create(with_key("k"));
    cloud->default_image = "newer-image";
    cloud->default_sizes = MachineSizes{"standard", 9};
    restart();
    EXPECT_EQ(create(with_key("k")).host.id, first.host.id);
    auto named = with_key("k");
    named.image = "newer-image";
    expect_refused(std::move(named), "what the default is by now");
}

TEST_F(IdempotencyTest, RefusesToJoinAProvisionOfSomethingElse)
{
    const auto gate = block_at("created");
    begin_create(order());
    run_until_reached();
    expect_refused(with_key("k"), "while it is being made");
    gate->set();
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    EXPECT_TRUE(create(order()).private_key);
    EXPECT_EQ(cloud->asked.size(), 1U);
}

TEST_F(IdempotencyTest, GivesOneHostToOneOfTwoThatBeginTogether)
{
    int created = 0;
    int refused = 0;
    for (const auto& command : {order(), with_key("k")}) {
        boost::asio::co_spawn(service->io, service->hosts.create(command),
                              [&](const std::exception_ptr& failure, const CreatedHost&) {
                                  if (!failure) {
                                      ++created;
                                      return;
                                  }
                                  EXPECT_THROW(std::rethrow_exception(failure), IdempotencyKeyReused);
                                  ++refused;
                              });
    }
    service->run_until([&] { return created + refused == 2; });
    EXPECT_EQ(created, 1);
    EXPECT_EQ(cloud->asked.size(), 1U);
}

TEST_F(IdempotencyTest, KeepsForAClaimedHostWhatItsClaimantAskedFor)
{
    policy.pool_sizes = {{"scripted", 1}};
    restart();
    service->run(service->hosts.maintain_pool());
    service->run_until([&] { return service->hosts.unfinished() == 0; });
    const auto claimed = create(with_key("k"));
    ASSERT_TRUE(claimed.host.pooled);
    expect_refused(order(), "of the claimed one");
    EXPECT_EQ(create(with_key("k")).host.id, claimed.host.id);
}

TEST_F(IdempotencyTest, FreesAKeyForAnythingWhenItsProvisionFailed)
{
    fail_at("create");
    EXPECT_THROW(create(order()), ProvisioningFailed);
    cloud->on_step = nullptr;
    EXPECT_EQ(create(with_key("k")).host.image, "default-image");
}

TEST_F(IdempotencyTest, WritesDownWhoUsedAKeyAndNothingOfWhatWasAsked)
{
    create(order());
    auto find = [this](Session& sql) { return idempotency_table::find(sql, "k", service->now); };
    const auto bound = service->store.write_now(find).value();
    EXPECT_EQ(bound.account, "admin");
    constexpr std::size_t digits = 64;
    for (const auto& digest : {bound.use.asked, bound.use.meant}) {
        EXPECT_EQ(digest.size(), digits);
        EXPECT_EQ(digest.find_first_not_of("0123456789abcdef"), std::string::npos);
    }
}

TEST_F(IdempotencyTest, AcceptsAKeyFromBeforeItsUseWasWrittenDown)
{
    const auto first = create();
    auto insert = [&](Session& sql) {
        sql << "INSERT INTO idempotency_keys (key, host_id, expires_at) SELECT 'k', id, expires_at FROM "
               "hosts";
    };
    service->store.write_now(insert);
    EXPECT_EQ(create(order()).host.id, first.host.id);
    EXPECT_EQ(create(with_key("k")).host.id, first.host.id);
}

} // namespace
} // namespace drukbox::service
