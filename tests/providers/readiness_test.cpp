#include "providers/run.hpp"
#include "service/ssh/key_pair.hpp"
#include "service/ssh/readiness.hpp"
#include "support/scripted_server.hpp"
#include "support/ssh_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::ssh {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;
using test::SshServer;

class ReadinessTest : public testing::Test
{
protected:
    ~ReadinessTest() override { blocking_.join(); }

    std::string wait_for(std::uint16_t port, const std::string& key, std::chrono::milliseconds patience)
    {
        try {
            test::run_on(reactor_, wait_for_ssh(blocking_, {"127.0.0.1", port}, key,
                                                std::chrono::steady_clock::now() + patience));
        } catch (const NotReachable& error) {
            return error.what();
        }
        return "";
    }

    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{2};
    const KeyPair host_ = KeyPair::generate();
};

TEST_F(ReadinessTest, AcceptsTheExpectedHostKeyAndNoOther)
{
    const SshServer server{host_};
    EXPECT_EQ(wait_for(server.port(), host_.public_key, 20s), "");
    EXPECT_THAT(wait_for(server.port(), KeyPair::generate().public_key, 20s),
                testing::HasSubstr("answers with another host key"));
}

TEST_F(ReadinessTest, ScansWhatKeysThereAre)
{
    const SshServer server{host_};
    const auto keys = test::run_on(reactor_, scan_host_keys(blocking_, {"localhost", server.port()},
                                                            std::chrono::steady_clock::now() + 20s));
    EXPECT_EQ(keys, std::vector{host_.public_key});
}

TEST_F(ReadinessTest, GivesUpInTimeOnAPortThatNobodyServes)
{
    std::uint16_t port = 0;
    {
        ScriptedServer gone{[](Peer&) {}};
        port = gone.port();
    }
    EXPECT_THAT(wait_for(port, host_.public_key, 50ms), testing::HasSubstr("in time: nothing answers"));
}

TEST_F(ReadinessTest, GivesUpInTimeOnAServerThatHangsUpOrSaysNothingOrNonsense)
{
    ScriptedServer hangs_up{[](Peer&) {}};
    EXPECT_THAT(wait_for(hangs_up.port(), host_.public_key, 50ms), testing::HasSubstr("in time"));
    ScriptedServer silent{[](Peer& peer) { peer.wait_closed(); }};
    EXPECT_THAT(wait_for(silent.port(), host_.public_key, 50ms), testing::HasSubstr("in time"));
    ScriptedServer banner_only{[](Peer& peer) {
        peer.send("SSH-2.0-nothing\r\n");
        peer.read_to_end();
    }};
    EXPECT_THAT(wait_for(banner_only.port(), host_.public_key, 50ms), testing::HasSubstr("in time: "));
    ScriptedServer nonsense{[](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); }};
    EXPECT_THAT(wait_for(nonsense.port(), host_.public_key, 50ms), testing::HasSubstr("in time: "));
}

TEST(KnownHostsLineTest, WritesThePortUnlessItIsTheUsualOne)
{
    EXPECT_EQ(known_hosts_line({"192.0.2.1", 22}, "ssh-ed25519 AAAA"), "192.0.2.1 ssh-ed25519 AAAA\n");
    EXPECT_EQ(known_hosts_line({"192.0.2.1", 2222}, "ssh-ed25519 AAAA"),
              "[192.0.2.1]:2222 ssh-ed25519 AAAA\n");
}

} // namespace
} // namespace drukbox::service::ssh
