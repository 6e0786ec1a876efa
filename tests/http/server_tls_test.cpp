#include "http/client/client.hpp"
#include "http/server/tls_context.hpp"
#include "support/certificate.hpp"
#include "support/running_server.hpp"
#include "support/send.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace drukbox::http {
namespace {

using namespace test;
namespace asio = boost::asio;

asio::awaitable<Response> echo(Exchange& exchange)
{
    auto body = co_await exchange.read_body();
    co_return Response(200, "text/plain", body.empty() ? "hello" : std::move(body));
}

std::shared_ptr<const TlsContext> context_of(const Certificate& certificate)
{
    return std::make_shared<TlsContext>(certificate.file(), certificate.key());
}

ServerOptions with_large_bodies()
{
    ServerOptions options;
    options.max_body_bytes = 32U << 20U;
    return options;
}

/// A client that trusts one certificate only.
ClientOptions trusting(const Certificate& certificate)
{
    ClientOptions options;
    options.ca_file = certificate.file();
    return options;
}

class ServerTlsTest : public ::testing::Test
{
protected:
    // As the service does: OpenSSL writes to clients that are gone already.
    ServerTlsTest() { std::signal(SIGPIPE, SIG_IGN); }

    [[nodiscard]] std::string url() const
    {
        return "https://localhost:" + std::to_string(server.port()) + "/";
    }

    Certificate certificate;
    RunningServer server{with_large_bodies(), echo, "127.0.0.1:0", context_of(certificate)};
};

TEST_F(ServerTlsTest, NamesItsAddressHttps)
{
    EXPECT_TRUE(server.address().starts_with("https://127.0.0.1:")) << server.address();
}

TEST_F(ServerTlsTest, AnswersOverOneConnectionAgainAndAgain)
{
    Client client{trusting(certificate)};
    for (int i = 0; i < 20; ++i) {
        const auto outcome = send(client, Request("GET", url())).get();
        ASSERT_FALSE(outcome.failure) << outcome.message;
        EXPECT_EQ(outcome.response.body, "hello");
    }
}

TEST_F(ServerTlsTest, TakesAndGivesWhatDoesNotFitIntoOneRecordOrOneSocketBuffer)
{
    Client client{trusting(certificate)};
    Request request{"POST", url()};
    request.body = std::string(24U << 20U, 'x');
    const auto expected = *request.body;
    const auto outcome = send(client, std::move(request)).get();
    ASSERT_FALSE(outcome.failure) << outcome.message;
    EXPECT_TRUE(outcome.response.body == expected);
}

TEST_F(ServerTlsTest, AnswersManyAtOnce)
{
    Client client{trusting(certificate)};
    std::vector<Sent> sent;
    for (int i = 0; i < 50; ++i) {
        Request request{"POST", url()};
        request.body = std::string(static_cast<std::size_t>(i) * 1000, 'a');
        sent.push_back(send(client, std::move(request)));
    }
    for (auto& one : sent) {
        const auto outcome = one.get();
        ASSERT_FALSE(outcome.failure) << outcome.message;
        EXPECT_EQ(outcome.response.status, 200U);
    }
}

TEST_F(ServerTlsTest, ClosesOnAClientThatSpeaksInTheClear)
{
    auto peer = server.connect();
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    std::string answer;
    try {
        answer = peer.read_to_end();
    } catch (const PeerError&) {
        // A reset is as good an end.
    }
    EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(ServerTlsTest, IsNotHeldUpByAHandshakeThatGoesNowhere)
{
    auto silent = server.connect();
    auto half = server.connect();
    half.send("\x16\x03\x01");
    Client client{trusting(certificate)};
    EXPECT_FALSE(send(client, Request("GET", url())).get().failure);
}

TEST_F(ServerTlsTest, ShowsANewCertificateToNewConnections)
{
    const Certificate renewed;
    Client old{trusting(certificate)};
    ASSERT_FALSE(send(old, Request("GET", url())).get().failure);

    server.use_tls(context_of(renewed));

    Client fresh{trusting(renewed)};
    EXPECT_FALSE(send(fresh, Request("GET", url())).get().failure);
    EXPECT_FALSE(send(old, Request("GET", url())).get().failure)
        << "a connection keeps what it was made with";
    Client late{trusting(certificate)};
    EXPECT_EQ(send(late, Request("GET", url())).get().failure, TransportFailure::tls);
}

/// What a handshake with that version and, below 1.3, those ciphers ends in: the cipher, or nothing.
std::string handshake(const RunningServer& server, int version, const char* ciphers)
{
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                    &SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_set_security_level(context.get(), 0);
    EXPECT_EQ(SSL_CTX_set_cipher_list(context.get(), ciphers), 1);
    const auto peer = server.connect();
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(ssl.get(), peer.fd());
    const bool agreed = SSL_connect(ssl.get()) == 1;
    ERR_clear_error();
    return agreed ? SSL_get_cipher_name(ssl.get()) : "";
}

TEST_F(ServerTlsTest, SpeaksNoCipherThatKeepsNoSecretOrDoesNotAuthenticate)
{
    EXPECT_EQ(handshake(server, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"), "");
    EXPECT_EQ(handshake(server, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA"), "");
    EXPECT_EQ(handshake(server, TLS1_2_VERSION, "ALL:!ECDHE"), "");
    EXPECT_EQ(handshake(server, TLS1_1_VERSION, "ALL"), "");
    EXPECT_EQ(handshake(server, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"),
              "ECDHE-ECDSA-AES128-GCM-SHA256");
    EXPECT_TRUE(handshake(server, TLS1_3_VERSION, "ALL").starts_with("TLS_"));
}

TEST(TlsContextTest, SaysWhichFileIsWrong)
{
    const Certificate one;
    const Certificate other;
    const auto complaint = [](const std::string& certificate, const std::string& key) -> std::string {
        try {
            const TlsContext context{certificate, key};
            return "";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    };
    EXPECT_TRUE(complaint("/nowhere.pem", one.key()).starts_with("/nowhere.pem "));
    EXPECT_TRUE(complaint(one.file(), "/nowhere.pem").starts_with("/nowhere.pem "));
    EXPECT_TRUE(complaint(one.file(), other.key()).starts_with(other.key().string() + " "));
    EXPECT_TRUE(complaint(one.key(), one.key()).starts_with(one.key().string() + " "));
}

} // namespace
} // namespace drukbox::http
