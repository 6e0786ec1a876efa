#include "service/providers/sim/sim_provider.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

namespace drukbox::service::sim {
namespace {

using namespace std::chrono_literals;

/// A service's view of the simulated cloud.
class View
{
public:
    explicit View(SimSettings settings)
        : provider(make_sim_provider(io.get_executor(), blocking, std::move(settings)))
    {
    }

    ~View() { blocking.join(); }

    template <class T>
    T run(boost::asio::awaitable<T> task)
    {
        auto future = boost::asio::co_spawn(io, std::move(task), boost::asio::use_future);
        io.restart();
        io.run();
        return future.get();
    }

    bool creates(const std::string& name)
    {
        VmSpec spec;
        spec.name = name;
        try {
            static_cast<void>(run(provider->create(std::move(spec))));
            return true;
        } catch (const ProviderError&) {
            return false;
        }
    }

    std::set<std::string> names()
    {
        std::set<std::string> result;
        for (const auto& machine : run(provider->list())) {
            result.insert(machine.name);
        }
        return result;
    }

    boost::asio::io_context io{1};
    boost::asio::thread_pool blocking{1};
    std::unique_ptr<Provider> provider;
};

class SimProviderTest : public ::testing::Test
{
protected:
    SimProviderTest()
    {
        settings.directory = directory.path();
        settings.label = "ours";
    }

    std::size_t machines() const
    {
        const std::filesystem::directory_iterator files{directory.path() / "machines"};
        return static_cast<std::size_t>(std::distance(begin(files), end(files)));
    }

    test::TemporaryDirectory directory;
    SimSettings settings;
};

TEST_F(SimProviderTest, KeepsItsMachinesBeyondTheService)
{
    EXPECT_TRUE(View{settings}.creates("a"));
    View successor{settings};
    EXPECT_EQ(successor.names(), std::set<std::string>{"a"});
    successor.run(successor.provider->remove("a"));
    successor.run(successor.provider->remove("a"));
    EXPECT_TRUE(View{settings}.names().empty());
}

TEST_F(SimProviderTest, ReplacesTheKeyOfAMachineThatIsThere)
{
    View view{settings};
    EXPECT_TRUE(view.creates("a"));
    view.run(view.provider->replace_key("a", "ssh-ed25519 AAAA"));
    EXPECT_THROW(view.run(view.provider->replace_key("b", "ssh-ed25519 AAAA")), VmNotFound);
    std::ifstream file{directory.path() / "keys" / "a"};
    std::string key;
    std::getline(file, key);
    EXPECT_EQ(key, "ssh-ed25519 AAAA");
}

TEST_F(SimProviderTest, RefusesASecondMachineOfOneName)
{
    View view{settings};
    EXPECT_TRUE(view.creates("a"));
    EXPECT_FALSE(view.creates("a"));
}

TEST_F(SimProviderTest, TellsWhoseAMachineIs)
{
    EXPECT_TRUE(View{settings}.creates("unmarked"));
    settings.installation = "theirs";
    EXPECT_TRUE(View{settings}.creates("theirs"));
    settings.installation = "ours";
    View view{settings};
    EXPECT_TRUE(view.creates("ours"));
    std::set<std::string> marked;
    for (const auto& machine : view.run(view.provider->list())) {
        if (machine.marked) {
            marked.insert(machine.name);
        }
    }
    EXPECT_EQ(marked, std::set<std::string>{"ours"});
    EXPECT_EQ(view.names(), (std::set<std::string>{"ours", "unmarked"}));
    view.run(view.provider->remove("theirs"));
    view.run(view.provider->remove("unmarked"));
    EXPECT_EQ(machines(), 2U);
}

TEST_F(SimProviderTest, DoesNotTouchTheMachinesOfAnotherLabel)
{
    EXPECT_TRUE(View{settings}.creates("a"));
    settings.label = "theirs";
    View view{settings};
    EXPECT_TRUE(view.names().empty());
    view.run(view.provider->remove("a"));
    EXPECT_EQ(machines(), 1U);
}

TEST_F(SimProviderTest, MakesNoMachineWhenItRefuses)
{
    settings.create_failures = 1;
    View view{settings};
    EXPECT_FALSE(view.creates("a"));
    EXPECT_TRUE(view.names().empty());
}

TEST_F(SimProviderTest, MakesTheMachineWhoseAnswerIsLost)
{
    settings.lost_answers = 1;
    View view{settings};
    EXPECT_FALSE(view.creates("a"));
    EXPECT_EQ(view.names(), std::set<std::string>{"a"});
    EXPECT_THROW(view.run(view.provider->remove("a")), ProviderError);
    EXPECT_TRUE(view.names().empty());
}

TEST_F(SimProviderTest, NeitherListsNorRemovesAMachineThatCannotBeSeenYet)
{
    settings.visibility_time = 24h;
    View view{settings};
    EXPECT_TRUE(view.creates("a"));
    EXPECT_TRUE(view.names().empty());
    view.run(view.provider->remove("a"));
    EXPECT_EQ(machines(), 1U);
}

TEST_F(SimProviderTest, DrawsTheSameFromTheSameSeed)
{
    settings.create_failures = 0.5;
    const auto draw = [&](std::uint64_t seed, const std::string& prefix) {
        settings.seed = seed;
        View view{settings};
        std::vector<bool> outcomes;
        for (int i = 0; i < 64; ++i) {
            outcomes.push_back(view.creates(prefix + std::to_string(i)));
        }
        return outcomes;
    };
    EXPECT_EQ(draw(7, "a"), draw(7, "b"));
    EXPECT_NE(draw(7, "c"), draw(8, "d"));
}

TEST_F(SimProviderTest, SaysWhenItsDirectoryCannotBeUsed)
{
    settings.directory = "/proc/nowhere";
    View view{settings};
    EXPECT_FALSE(view.creates("a"));
}

TEST_F(SimProviderTest, IsOffUnlessNamed)
{
    Environment environment;
    EXPECT_FALSE(SimSettings::load(environment, "/state", "l").enabled);
    environment.add("DEFAULT_HOST_PROVIDER", "sim");
    EXPECT_TRUE(SimSettings::load(environment, "/state", "l").enabled);
    environment.add("SIM_ENABLED", "false");
    EXPECT_FALSE(SimSettings::load(environment, "/state", "l").enabled);
}

TEST_F(SimProviderTest, RefusesARateThatIsNone)
{
    Environment environment;
    environment.add("SIM_LOST_ANSWERS", "1.5");
    EXPECT_THROW(static_cast<void>(SimSettings::load(environment, "/state", "l")), SettingError);
}

TEST_F(SimProviderTest, KeepsProxiesInTheCloudAndTheirSecretsOutOfIt)
{
    HttpProxySpec spec;
    spec.name = std::string(300, 'p');
    spec.target = "https://example.com/";
    spec.headers.emplace("X-Key", Redacted{"planted"});
    View one{settings};
    View other{settings};
    const auto name = spec.name;
    one.run(one.provider->http_proxies()->create_proxy(spec));
    EXPECT_THROW(other.run(other.provider->http_proxies()->create_proxy(spec)), HttpProxyExists);
    for (const auto& entry : std::filesystem::directory_iterator(settings.directory / "proxies")) {
        std::ifstream in{entry.path()};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        EXPECT_EQ(text.find("planted"), std::string::npos);
    }
    EXPECT_THROW(other.run(other.provider->http_proxies()->attach_proxy(name, "sb-1")), VmNotFound);
    ASSERT_TRUE(one.creates("sb-1"));
    other.run(other.provider->http_proxies()->attach_proxy(name, "sb-1"));
    other.run(other.provider->http_proxies()->detach_proxy(name, "sb-1"));
    one.run(one.provider->http_proxies()->remove_proxy(name));
    EXPECT_THROW(one.run(one.provider->http_proxies()->remove_proxy(name)), HttpProxyNotFound);
    EXPECT_THROW(one.run(one.provider->http_proxies()->detach_proxy(name, "sb-1")), HttpProxyNotFound);
}

} // namespace
} // namespace drukbox::service::sim
