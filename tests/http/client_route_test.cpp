#include "http/client/client.hpp"
#include "support/certificate.hpp"
#include "support/scripted_server.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::http {
namespace {

using namespace test;

/// A proxy that answers by itself, with the request line it was sent.
void answer_with_request_line(Peer& peer)
{
    for (;;) {
        const auto request = peer.read_message();
        peer.send(http_answer(request.substr(0, request.find("\r\n"))));
    }
}

class WithEnvironment
{
public:
    WithEnvironment(const char* name, const std::string& value)
        : name_(name)
    {
        ::setenv(name, value.c_str(), 1);
    }

    WithEnvironment(const WithEnvironment&) = delete;
    WithEnvironment& operator=(const WithEnvironment&) = delete;

    ~WithEnvironment() { ::unsetenv(name_); }

private:
    const char* name_;
};

TEST(ClientRouteTest, UsesTheProxyItWasGiven)
{
    ScriptedServer proxy(answer_with_request_line);
    ClientOptions options;
    options.proxy = proxy.url();
    Client client{options};
    const auto outcome = send(client, Request("GET", "http://sandbox.example/hosts")).get();
    EXPECT_EQ(outcome.response.body, "GET http://sandbox.example/hosts HTTP/1.1");
}

TEST(ClientRouteTest, UsesTheProxyOfTheEnvironment)
{
    ScriptedServer proxy(answer_with_request_line);
    const WithEnvironment variable("http_proxy", proxy.url());
    Client client{ClientOptions()};
    const auto outcome = send(client, Request("GET", "http://sandbox.example/hosts")).get();
    EXPECT_EQ(outcome.response.body, "GET http://sandbox.example/hosts HTTP/1.1");
}

TEST(ClientRouteTest, AProxyThatRefusesATunnelIsAFailureWithoutItsAnswer)
{
    ScriptedServer proxy([](Peer& peer) {
        peer.read_message();
        peer.send("HTTP/1.1 407 secret\r\nX-Secret: secret\r\nContent-Length: 6\r\n\r\nsecret");
    });
    ClientOptions options;
    options.proxy = proxy.url();
    Client client{options};
    const auto outcome = send(client, Request("GET", "https://sandbox.example/hosts")).get();
    EXPECT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.response.status, 0U);
    EXPECT_EQ(outcome.message.find("secret"), std::string::npos) << outcome.message;
}

/// A TLS server with a certificate of its own making, for `localhost`.
class TlsServer
{
public:
    TlsServer() { start(); }

    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    ~TlsServer()
    {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
    }

    [[nodiscard]] bool runs() const noexcept { return !port_.empty(); }

    [[nodiscard]] std::string url() const { return "https://localhost:" + port_ + "/"; }

    [[nodiscard]] std::filesystem::path certificate() const { return certificate_.file(); }

private:
    [[nodiscard]] std::filesystem::path key() const { return certificate_.key(); }

    void start()
    {
        std::array<int, 2> output{};
        if (::pipe(output.data()) != 0) {
            return;
        }
        const std::string key_file = key().string();
        const std::string certificate_file = certificate().string();
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(output[1], STDOUT_FILENO);
            ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
            ::execlp("openssl", "openssl", "s_server", "-accept", "0", "-www", "-key", key_file.c_str(),
                     "-cert", certificate_file.c_str(), nullptr);
            ::_exit(127);
        }
        ::close(output[1]);
        std::FILE* lines = ::fdopen(output[0], "r");
        std::array<char, 256> line{};
        while (port_.empty() && std::fgets(line.data(), line.size(), lines) != nullptr) {
            const std::string text = line.data();
            if (text.starts_with("ACCEPT ")) {
                port_ = text.substr(text.rfind(':') + 1);
                port_.erase(port_.find_last_not_of(" \n") + 1);
            }
        }
        std::fclose(lines);
    }

    Certificate certificate_;
    pid_t process_ = -1;
    std::string port_;
};

class ClientTlsTest : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!server.runs()) {
            GTEST_SKIP() << "no openssl program here";
        }
    }

    TlsServer server;
};

TEST_F(ClientTlsTest, RefusesACertificateThatNobodyVouchesFor)
{
    Client client{ClientOptions()};
    EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, TransportFailure::tls);
}

TEST_F(ClientTlsTest, TrustsTheGivenAuthorities)
{
    ClientOptions options;
    options.ca_file = server.certificate().string();
    Client client{options};
    const auto outcome = send(client, Request("GET", server.url())).get();
    EXPECT_EQ(outcome.response.status, 200U) << outcome.message;
}

TEST_F(ClientTlsTest, ChecksTheNameInTheCertificate)
{
    ClientOptions options;
    options.ca_file = server.certificate().string();
    Client client{options};
    std::string url = server.url();
    url.replace(url.find("localhost"), 9, "127.0.0.1");
    EXPECT_EQ(send(client, Request("GET", url)).get().failure, TransportFailure::tls);
}

TEST_F(ClientTlsTest, ChecksNothingIfSoTold)
{
    ClientOptions options;
    options.verify_tls = false;
    Client client{options};
    const auto outcome = send(client, Request("GET", server.url())).get();
    EXPECT_EQ(outcome.response.status, 200U) << outcome.message;
}

} // namespace
} // namespace drukbox::http
