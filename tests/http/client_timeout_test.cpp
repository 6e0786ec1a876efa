#include "http/client/client.hpp"
#include "support/eventually.hpp"
#include "support/full_listener.hpp"
#include "support/scripted_server.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
using Clock = std::chrono::steady_clock;

constexpr auto timeout = 100ms;

Request with_timeout(const std::string& url)
{
    Request request("GET", url);
    request.timeout = timeout;
    return request;
}

/// Expects that the request times out, neither early nor long after.
void expect_timeout(Client& client, const std::string& url)
{
    const auto start = Clock::now();
    const auto outcome = send(client, with_timeout(url)).get();
    const auto took = Clock::now() - start;
    EXPECT_EQ(outcome.failure, TransportFailure::timeout) << outcome.message;
    EXPECT_GE(took, timeout - 1ms);
    EXPECT_LT(took, timeout + 5s);
}

/// Reads the request, sends `bytes` and then nothing until the client goes.
ScriptedServer::Script stalls_after(std::string bytes)
{
    return [bytes = std::move(bytes)](Peer& peer) {
        peer.read_message();
        peer.send(bytes);
        peer.wait_closed();
    };
}

TEST(ClientTimeoutTest, FiresWhileConnecting)
{
    const FullListener listener;
    Client client{ClientOptions()};
    expect_timeout(client, listener.url());
}

TEST(ClientTimeoutTest, TheConnectTimeoutIsShorterThanTheRequests)
{
    const FullListener listener;
    ClientOptions options;
    options.connect_timeout = timeout;
    Client client{options};
    EXPECT_EQ(send(client, Request("GET", listener.url())).get().failure, TransportFailure::timeout);
}

TEST(ClientTimeoutTest, FiresWhileTheTlsHandshakeStalls)
{
    ScriptedServer server([](Peer& peer) { peer.read_to_end(); });
    Client client{ClientOptions()};
    expect_timeout(client, "https://127.0.0.1:" + std::to_string(server.port()) + "/");
}

TEST(ClientTimeoutTest, FiresBeforeTheAnswerBegins)
{
    ScriptedServer server(stalls_after(""));
    Client client{ClientOptions()};
    expect_timeout(client, server.url());
}

TEST(ClientTimeoutTest, FiresInTheMiddleOfAHeader)
{
    ScriptedServer server(stalls_after("HTTP/1.1 200 OK\r\nContent-"));
    Client client{ClientOptions()};
    expect_timeout(client, server.url());
}

TEST(ClientTimeoutTest, FiresInTheMiddleOfABody)
{
    ScriptedServer server(stalls_after("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"));
    Client client{ClientOptions()};
    expect_timeout(client, server.url());
}

TEST(ClientTimeoutTest, FiresOnTimeAlthoughTheAnswerTrickles)
{
    ScriptedServer server([](Peer& peer) {
        peer.read_message();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (peer.try_send("x")) {
            std::this_thread::sleep_for(5ms);
        }
    });
    Client client{ClientOptions()};
    expect_timeout(client, server.url());
}

TEST(ClientTimeoutTest, FiresWhileSendingABodyThatNobodyReads)
{
    std::promise<void> over;
    ScriptedServer server([&](Peer& peer) {
        peer.read_header();
        over.get_future().wait();
    });
    Client client{ClientOptions()};
    Request request = with_timeout(server.url());
    request.method = "POST";
    request.body = std::string(64U << 20U, 'x');
    EXPECT_EQ(send(client, std::move(request)).get().failure, TransportFailure::timeout);
    over.set_value();
}

TEST(ClientTimeoutTest, WaitingForAConnectionCounts)
{
    ScriptedServer server(stalls_after(""));
    ClientOptions options;
    options.max_connections = 1;
    options.reserved_for_brief = 0;
    Client client{options};
    auto holder = send(client, Request("GET", server.url()));
    ASSERT_TRUE(eventually([&] { return server.accepted() == 1; }));
    expect_timeout(client, server.url());
    EXPECT_EQ(server.accepted(), 1U);
    holder.transfer->cancel();
    EXPECT_EQ(holder.get().failure, TransportFailure::cancelled);
}

TEST(ClientTimeoutTest, ATransferThatTimedOutLosesItsConnection)
{
    ScriptedServer server(stalls_after(""));
    Client client{ClientOptions()};
    expect_timeout(client, server.url());
    EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
}

} // namespace
} // namespace drukbox::http
