#include "local/sandbox_test.hpp"

#include <csignal>

#include <unistd.h>

namespace drukbox::test {
namespace {

using service::ProviderError;

/// Keepers that somebody has stopped: by a signal, which stands for whatever else could keep one from
/// running.
class FrozenKeeperTest : public SandboxTest
{
protected:
    /// Returns the processes of the sandbox, its keeper first.
    static std::vector<int> freeze(const service::Vm& vm)
    {
        const int keeper = keeper_pid(vm.name);
        EXPECT_NE(keeper, 0);
        std::vector<int> processes = process_tree(keeper);
        EXPECT_EQ(::kill(keeper, SIGSTOP), 0);
        EXPECT_TRUE(eventually([keeper] { return process_state(keeper) == "T"; }, std::chrono::seconds{60}));
        return processes;
    }
};

TEST_F(FrozenKeeperTest, IsKilledByATeardownWithAllOfItsSandbox)
{
    const service::Vm vm = create();
    const std::vector<int> processes = freeze(vm);
    const std::vector<std::string> groups = cgroups(vm.name);
    EXPECT_GE(processes.size(), 3U);
    remove(vm.name);
    EXPECT_TRUE(all_gone(processes));
    EXPECT_FALSE(std::filesystem::exists(directory(vm.name)));
    for (const std::string& group : groups) {
        EXPECT_FALSE(std::filesystem::exists(group)) << group;
    }
}

TEST_F(FrozenKeeperTest, EndsSoonAfterItsDeadlineWithoutAService)
{
    const service::Vm vm = create();
    run(set_deadline(vm.name, std::chrono::time_point_cast<std::chrono::microseconds>(
                                  std::chrono::system_clock::now() + std::chrono::seconds{10})));
    const std::vector<int> processes = freeze(vm);
    provider_.reset();
    EXPECT_TRUE(all_gone(processes));
    restart_service();
    EXPECT_EQ(list(), (std::map<std::string, bool>{{vm.name, false}}));
}

TEST_F(FrozenKeeperTest, RefusesARenewalAndGoesOnOnceItCan)
{
    const service::Vm vm = create();
    const int keeper = freeze(vm).front();
    EXPECT_THROW(run(set_deadline(vm.name, std::nullopt)), ProviderError);
    ASSERT_EQ(::kill(keeper, SIGCONT), 0);
    EXPECT_TRUE(run(set_deadline(vm.name, std::nullopt)));
    EXPECT_EQ(ssh(vm, {"echo alive"}).out, "alive\n");
}

/// With a single thread for what blocks: what occupies it is before everything else.
class FrozenNeighbourTest : public FrozenKeeperTest
{
protected:
    void TearDown() override
    {
        provider_.reset();
        one_thread_.join();
        restart_service();
    }

    boost::asio::thread_pool one_thread_{1};
};

TEST_F(FrozenNeighbourTest, DelaysNobodyElse)
{
    const service::Vm renewed = create();
    const service::Vm removed = create();
    freeze(renewed);
    freeze(removed);
    provider_ = service::local::make_local_provider(reactor_.get_executor(), one_thread_, settings_);

    // The thread takes its work in the order of these calls. The last of them is answered before the others
    // unless one of those waits on the thread.
    auto renewal =
        boost::asio::co_spawn(reactor_, set_deadline(renewed.name, std::nullopt), boost::asio::use_future);
    auto removal = [](service::Provider& provider, std::string name) -> boost::asio::awaitable<bool> {
        co_await provider.remove(std::move(name));
        co_return true;
    };
    auto end = boost::asio::co_spawn(reactor_, removal(*provider_, removed.name), boost::asio::use_future);
    EXPECT_EQ(list().size(), 2U);
    constexpr std::chrono::seconds now{0};
    EXPECT_EQ(end.wait_for(now), std::future_status::timeout);

    reactor_.restart();
    while (end.wait_for(now) != std::future_status::ready ||
           renewal.wait_for(now) != std::future_status::ready) {
        reactor_.run_one();
    }
    EXPECT_TRUE(end.get());
    EXPECT_THROW(renewal.get(), ProviderError);
}

} // namespace
} // namespace drukbox::test
