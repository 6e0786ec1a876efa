#include "fake_tailscale.hpp"
#include "service/networking/tailscale/tailscale_network.hpp"
#include "service/ssh/key_pair.hpp"
#include "support/ssh_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace drukbox::service::tailscale {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using testing::ElementsAre;
using testing::StartsWith;

class TailscaleNetworkTest : public ::testing::Test
{
protected:
    TailscaleNetworkTest() { make(tailscale_.settings()); }

    void make(TailscaleSettings settings)
    {
        network_ = make_tailscale_network(reactor_.get_executor(), blocking_, std::move(settings),
                                          [this](const std::string& name) {
                                              looked_up_ = name;
                                              return ssh::Address{"127.0.0.1", ssh_port_};
                                          });
    }

    /// Begins to wait; the outcome lands in outcomes_.
    void await_device(const std::string& name)
    {
        boost::asio::co_spawn(reactor_, network_->wait_for_device(name),
                              [this, name](const std::exception_ptr& failure, const std::string& id) {
                                  try {
                                      if (failure) {
                                          std::rethrow_exception(failure);
                                      }
                                      outcomes_.push_back(name + " " + id);
                                  } catch (const ProviderError& error) {
                                      outcomes_.push_back(name + " " + error.kind() + ": " + error.what());
                                  }
                              });
    }

    /// What wait_until_reachable says of the machine sb-1.
    std::string reach(const std::string& host_key)
    {
        std::string said;
        boost::asio::co_spawn(reactor_, network_->wait_until_reachable("sb-1", host_key),
                              [&](const std::exception_ptr& failure, const std::string& lines) {
                                  try {
                                      if (failure) {
                                          std::rethrow_exception(failure);
                                      }
                                      said = lines;
                                  } catch (const ProviderError& error) {
                                      said = error.what();
                                  }
                              });
        run();
        return said;
    }

    void run()
    {
        reactor_.restart();
        reactor_.run();
    }

    test::FakeTailscale tailscale_;
    boost::asio::io_context reactor_{1};
    boost::asio::thread_pool blocking_{1};
    std::uint16_t ssh_port_ = 1;
    std::string looked_up_;
    std::vector<std::string> outcomes_;
    std::unique_ptr<Network> network_;
};

TEST_F(TailscaleNetworkTest, LooksOnceForAllWhoWait)
{
    std::atomic<int> looks = 0;
    tailscale_.on([&](const std::string& operation) {
        if (operation == "devices" && ++looks == 3) {
            tailscale_.answer("devices", http_answer(R"({"devices":[{"hostname":"sb-1","nodeId":"n1"},
                {"hostname":"other"},{"hostname":"sb-3","nodeId":"n3"},{"hostname":"sb-2","nodeId":"n2"}]})"));
        }
    });
    for (const auto* name : {"sb-1", "sb-2", "sb-3"}) {
        await_device(name);
    }
    run();
    EXPECT_THAT(outcomes_, testing::UnorderedElementsAre("sb-1 n1", "sb-2 n2", "sb-3 n3"));
    EXPECT_EQ(looks, 3);
}

TEST_F(TailscaleNetworkTest, FailsAllWhoWaitAtOnceWhenItsCredentialsAreRefused)
{
    std::atomic<int> looks = 0;
    tailscale_.on([&](const std::string& operation) {
        if (operation == "devices" && ++looks == 2) {
            tailscale_.answer("devices", http_answer(R"({"message":"no"})", "403 Forbidden"));
        }
    });
    await_device("sb-1");
    await_device("sb-2");
    run();
    EXPECT_THAT(outcomes_, testing::UnorderedElementsAre(
                               "sb-1 ProviderAuthError: tailscale failed to list its devices: no",
                               "sb-2 ProviderAuthError: tailscale failed to list its devices: no"));
    EXPECT_EQ(looks, 2);
}

TEST_F(TailscaleNetworkTest, BearsOtherFailuresWithinTheTime)
{
    std::atomic<int> looks = 0;
    tailscale_.answer("devices", http_answer("oops", "500 Oops"));
    tailscale_.on([&](const std::string& operation) {
        if (operation == "devices" && ++looks == 20) {
            tailscale_.answer("devices", http_answer(R"({"devices":[{"hostname":"sb-1","nodeId":"n1"}]})"));
        }
    });
    await_device("sb-1");
    run();
    EXPECT_THAT(outcomes_, ElementsAre("sb-1 n1"));
}

TEST_F(TailscaleNetworkTest, GivesUpWhenTheTimeIsOverAndSaysWhatWasWrong)
{
    auto settings = tailscale_.settings();
    settings.discovery_timeout = 1s;
    make(settings);
    tailscale_.answer("devices", http_answer(R"({"devices":[{"hostname":"sb-1"}]})"));
    await_device("sb-1");
    run();
    EXPECT_THAT(
        outcomes_,
        ElementsAre("sb-1 ProviderTimeout: the machine did not join the tailnet within 1 s: tailscale "
                    "answered something unexpected: the nodeId of sb-1 is missing"));
}

TEST_F(TailscaleNetworkTest, DiagnosesWithTheNumberOfDevices)
{
    tailscale_.answer("devices", http_answer(R"({"devices":[{},{"hostname":"x","nodeId":"y"}]})"));
    Diagnosis found;
    boost::asio::co_spawn(reactor_, network_->diagnose(),
                          [&](const std::exception_ptr&, const Diagnosis& diagnosis) { found = diagnosis; });
    run();
    EXPECT_TRUE(found.ok);
    EXPECT_EQ(found.detail, "tailnet=example.ts.net devices=2");
    EXPECT_EQ(network_->hint(), "check_tailscale_oauth_and_api_reachability");
}

TEST_F(TailscaleNetworkTest, HandsOutTheKeyThatSshShowsOnTheInnerPath)
{
    const auto host = ssh::KeyPair::generate();
    const test::SshServer server{host};
    ssh_port_ = server.port();
    for (const auto& expected : {host.public_key, std::string{}}) {
        EXPECT_EQ(reach(expected), "sb-1.example.ts.net " + host.public_key + "\n");
    }
    EXPECT_THAT(reach(ssh::KeyPair::generate().public_key),
                testing::HasSubstr("answers with another host key"));
}

TEST_F(TailscaleNetworkTest, TellsWhenSshDoesNotAnswerOnTheInnerPath)
{
    auto settings = tailscale_.settings();
    settings.ssh_timeout = 1ms;
    make(settings);
    EXPECT_THAT(reach("ssh-ed25519 AAAA"),
                StartsWith("on the tailnet: SSH does not answer at 127.0.0.1 port 1 in time"));
    EXPECT_EQ(looked_up_, "sb-1.example.ts.net");
}

} // namespace
} // namespace drukbox::service::tailscale
