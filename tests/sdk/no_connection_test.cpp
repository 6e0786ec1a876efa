#include "http/server/tls_context.hpp"
#include "sdk/end_of.hpp"
#include "sdk/sample.hpp"
#include "support/certificate.hpp"
#include "support/eventually.hpp"
#include "support/full_listener.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_directory.hpp"

#include <drukbox/drukbox.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <openssl/ssl.h>

// Failures before there is a connection that carries HTTP; resolver_test.cpp has those of names.
namespace drukbox::sdk {
namespace {

using namespace std::chrono_literals;
using namespace drukbox::test;

class NoConnectionTest : public ::testing::Test
{
protected:
    /// Makes calls that fail, then has `mend` make the service well and expects the same client to work on.
    /// `open` says how many connections there are.
    template <class Mend, class Open>
    static void expect_failures_until(const Mend& mend, const SandboxConfig& config, const Open& open,
                                      std::chrono::milliseconds timeout = 20s)
    {
        const SandboxClient client{config};
        const SandboxClient failing = client.with_timeout(timeout);
        expect_failures(failing);
        const std::size_t at_first = open();
        expect_failures(failing);
        EXPECT_TRUE(eventually([&] { return open() <= at_first; })) << "a connection is left";
        mend();
        EXPECT_EQ(client.get_host("a"), sample_host()) << "the client works on";
        EXPECT_EQ(client.create_host(), sample_host());
    }

    static void expect_failures(const SandboxClient& client)
    {
        EXPECT_EQ(end_of([&] { (void)client.get_host("a"); }), Expected::unavailable);
        EXPECT_EQ(end_of([&] { client.create_host(); }), Expected::unavailable);
        EXPECT_EQ(end_of([&] { client.delete_host("a"); }), Expected::unavailable);
    }

    /// This process's.
    static std::size_t sockets()
    {
        std::size_t count = 0;
        for (const auto& descriptor : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            const auto target = std::filesystem::read_symlink(descriptor, gone);
            count += target.string().starts_with("socket:") ? 1 : 0;
        }
        return count;
    }

    /// The service, once it is well.
    void start(posix::UniqueFd bound) { service_.emplace(answers_all(sample_json()), std::move(bound)); }

    void TearDown() override
    {
        if (service_) {
            EXPECT_TRUE(eventually([this] { return service_->open() == 0; })) << "a connection is left";
        }
    }

private:
    std::optional<ScriptedServer> service_;
};

TEST_F(NoConnectionTest, ANameThatIsNone)
{
    // Longer than a name's part may be: refused without asking anybody.
    const SandboxClient client{"https://" + std::string(64, 'a') + ".invalid", "t"};
    expect_failures(client);
    const std::size_t at_first = sockets();
    expect_failures(client);
    EXPECT_TRUE(eventually([&] { return sockets() <= at_first; })) << "a connection is left";
}

TEST_F(NoConnectionTest, ASocketThatIsNotThere)
{
    const TemporaryDirectory directory;
    SandboxConfig config{"http://a", "t"};
    config.unix_socket = directory.path() / "drukbox.sock";
    expect_failures_until([&] { start(bound_to(config.unix_socket)); }, config, sockets);
}

TEST_F(NoConnectionTest, APortOnWhichNobodyListens)
{
    auto bound = bound_to_loopback();
    const SandboxConfig config{"http://127.0.0.1:" + std::to_string(port_of(bound)), "t"};
    expect_failures_until([&] { start(std::move(bound)); }, config, sockets);
}

TEST_F(NoConnectionTest, AServiceThatTakesNoConnection)
{
    FullListener listener;
    const SandboxConfig config{listener.url(), "t"};
    expect_failures_until([&] { start(listener.release()); }, config, sockets, 100ms);
}

/// A service that fails in the TLS handshake, until it is well.
class TlsFailureTest : public NoConnectionTest
{
protected:
    /// `fail` gets the connection before a byte of it was read.
    void expect_failures_where(ScriptedServer::Script fail, std::chrono::milliseconds timeout = 20s)
    {
        const Certificate certificate;
        const http::TlsContext tls{certificate.file(), certificate.key()};
        std::atomic<bool> well = false;
        ScriptedServer server{[&](Peer& peer) { well ? answer_over_tls(peer, tls) : fail(peer); }};
        SandboxConfig config{"https://localhost:" + std::to_string(server.port()), "t"};
        config.ca_file = certificate.file();
        const auto mend = [&] {
            EXPECT_TRUE(eventually([&] { return server.open() == 0; })) << "a connection is left";
            EXPECT_LE(server.accepted(), 6U) << "one connection a call";
            well = true;
        };
        expect_failures_until(mend, config, [&] { return server.open(); }, timeout);
        EXPECT_TRUE(eventually([&] { return server.open() == 0; })) << "a connection is left";
    }

    /// Answers requests without a body, and with a small one.
    static void answer_over_tls(Peer& peer, const http::TlsContext& tls)
    {
        const std::unique_ptr<SSL, decltype(&::SSL_free)> session{::SSL_new(tls.native()), &::SSL_free};
        ::SSL_set_fd(session.get(), peer.fd());
        if (::SSL_accept(session.get()) != 1) {
            return;
        }
        const std::string answer = http_answer(sample_json());
        std::array<char, 4096> request;
        while (::SSL_read(session.get(), request.data(), request.size()) > 0) {
            ::SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
        }
    }
};

TEST_F(TlsFailureTest, AServiceThatDoesNotSpeakTls)
{
    expect_failures_where([](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
}

TEST_F(TlsFailureTest, AServiceWithACertificateThatNobodyTrusts)
{
    const Certificate certificate;
    const http::TlsContext tls{certificate.file(), certificate.key()};
    expect_failures_where([&](Peer& peer) { answer_over_tls(peer, tls); });
}

TEST_F(TlsFailureTest, AServiceThatHangsUpAsSoonAsConnected)
{
    expect_failures_where([](Peer&) {});
}

TEST_F(TlsFailureTest, AServiceThatHangsUpInTheHandshake)
{
    expect_failures_where([](Peer& peer) { peer.read(5); });
}

TEST_F(TlsFailureTest, AServiceThatStallsInTheHandshake)
{
    expect_failures_where([](Peer& peer) { peer.read_to_end(); }, 100ms);
}

} // namespace
} // namespace drukbox::sdk
