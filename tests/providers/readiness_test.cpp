#include "providers/run.hpp"
#include "service/ssh/key_pair.hpp"
#include "service/ssh/readiness.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::service::ssh {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

/// OpenSSH's server behind a port: each connection gets an `sshd -i`.
class SshServer
{
public:
    explicit SshServer(const KeyPair& host)
        : server_([this](Peer& peer) { serve(peer); })
    {
        // Where the package's own server does not run, root's sshd misses the directory that its unit makes.
        std::error_code ignored;
        std::filesystem::create_directory("/run/sshd", ignored);
        const auto key = (files_.path() / "key").string();
        std::ofstream{key} << host.private_key.reveal();
        ::chmod(key.c_str(), 0600);
        std::ofstream{files_.path() / "config"} << "HostKey " << key << "\nUsePAM no\n";
    }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

private:
    void serve(Peer& peer) const
    {
        const std::string config = files_.path() / "config";
        std::vector<std::string> words{"/usr/sbin/sshd", "-i", "-e", "-f", config};
        std::vector<char*> arguments;
        for (auto& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, peer.fd(), 0);
        ::posix_spawn_file_actions_adddup2(&actions, peer.fd(), 1);
        ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
        pid_t pid = -1;
        const int error = ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), ::environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error == 0) {
            ::waitpid(pid, nullptr, 0);
        }
    }

    test::TemporaryDirectory files_;
    ScriptedServer server_;
};

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
