#include "lifecycle_fixture.hpp"
#include "service/store/host_access.hpp"

namespace drukbox::service {
namespace {

class HostAccessTest : public LifecycleTest
{
protected:
    HostId add(HostStatus status)
    {
        Host host;
        host.id = HostId::v7(service->now);
        host.name = host_name(host.id);
        host.status = status;
        host.provider = "elsewhere";
        host.expires_at = service->now + std::chrono::hours{1};
        auto insert = [&](Session& sql) { host_table::insert(sql, host); };
        service->store.write_now(insert);
        return host.id;
    }

    template <class T>
    void begin(boost::asio::awaitable<T> task, T& result)
    {
        ++under_way;
        boost::asio::co_spawn(service->io, std::move(task), [&](std::exception_ptr failure, T value) {
            EXPECT_FALSE(failure);
            result = std::move(value);
            --under_way;
        });
    }

    void finish()
    {
        service->run_until([this] { return under_way == 0; });
    }

    HostAccess& access() { return access_; }

    int under_way = 0;

private:
    HostAccess access_{service->io.get_executor(), service->store};
};

TEST_F(HostAccessTest, GivesEachOfManyWhatTheyAskedFor)
{
    constexpr std::size_t hosts = 20;
    constexpr std::size_t looks = 300;
    std::vector<HostId> ids;
    for (std::size_t i = 0; i < hosts; ++i) {
        ids.push_back(add(HostStatus::active));
    }
    ids.push_back(HostId::v7(service->now));
    std::vector<std::optional<Host>> found(looks);
    for (std::size_t i = 0; i < looks; ++i) {
        begin(access().find(ids[i % ids.size()]), found[i]);
    }
    finish();
    for (std::size_t i = 0; i < looks; ++i) {
        const auto wanted = i % ids.size();
        ASSERT_EQ(found[i].has_value(), wanted < hosts);
        if (found[i]) {
            EXPECT_EQ(found[i]->id, ids[wanted]);
        }
    }
}

TEST_F(HostAccessTest, JudgesEachOfManyRenewalsByItself)
{
    const auto active = add(HostStatus::active);
    const auto other = add(HostStatus::active);
    const auto failed = add(HostStatus::error);
    const auto unknown = HostId::v7(service->now);
    const auto until = service->now + std::chrono::hours{5};
    const auto later = service->now + std::chrono::hours{6};
    host_table::Renewed results[4];
    begin(access().renew({active, until, service->now}), results[0]);
    begin(access().renew({other, later, service->now}), results[1]);
    begin(access().renew({failed, until, service->now}), results[2]);
    begin(access().renew({unknown, until, service->now}), results[3]);
    finish();
    EXPECT_TRUE(results[0].renewed);
    EXPECT_EQ(results[0].host->expires_at, until);
    EXPECT_TRUE(results[1].renewed);
    EXPECT_EQ(results[1].host->expires_at, later);
    EXPECT_FALSE(results[2].renewed);
    EXPECT_EQ(results[2].host->status, HostStatus::error);
    EXPECT_FALSE(results[3].renewed);
    EXPECT_FALSE(results[3].host);
    EXPECT_EQ(service->row(active)->expires_at, until);
    EXPECT_EQ(service->row(other)->expires_at, later);
}

} // namespace
} // namespace drukbox::service
