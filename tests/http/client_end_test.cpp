#include "http/client/client.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace drukbox::http {
namespace {

using namespace test;

void stall(Peer& peer)
{
    peer.read_message();
    peer.wait_closed();
}

TEST(ClientEndTest, CancelClosesTheConnection)
{
    ScriptedServer server(stall);
    Client client{ClientOptions()};
    auto sent = send(client, Request("GET", server.url()));
    ASSERT_TRUE(eventually([&] { return server.open() == 1; }));
    sent.transfer->cancel();
    sent.transfer->cancel();
    EXPECT_EQ(sent.get().failure, TransportFailure::cancelled);
    EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
}

TEST(ClientEndTest, ACancelledRequestThatWaitedIsNeverSent)
{
    ScriptedServer server(stall);
    ClientOptions options;
    options.max_connections = 1;
    options.reserved_for_brief = 0;
    Client client{options};
    auto first = send(client, Request("GET", server.url()));
    auto waiting = send(client, Request("GET", server.url()));
    ASSERT_TRUE(eventually([&] { return server.open() == 1; }));
    waiting.transfer->cancel();
    EXPECT_EQ(waiting.get().failure, TransportFailure::cancelled);
    first.transfer->cancel();
    EXPECT_EQ(first.get().failure, TransportFailure::cancelled);
    EXPECT_EQ(server.accepted(), 1U);
}

TEST(ClientEndTest, CancelAfterTheAnswerDoesNothing)
{
    ScriptedServer server(answer_all);
    std::shared_ptr<Client::Transfer> finished;
    {
        Client client{ClientOptions()};
        auto sent = send(client, Request("GET", server.url()));
        EXPECT_EQ(sent.get().failure, std::nullopt);
        sent.transfer->cancel();
        EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, std::nullopt);
        finished = sent.transfer;
    }
    finished->cancel();
}

TEST(ClientEndTest, DroppingTheTransferDoesNotCancelIt)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    auto sent = send(client, Request("GET", server.url()));
    sent.transfer.reset();
    EXPECT_EQ(sent.get().failure, std::nullopt);
}

TEST(ClientEndTest, CloseCompletesWhatIsInFlightAndWhatWaits)
{
    ScriptedServer server(stall);
    Client client{ClientOptions()};
    std::vector<Sent> sent;
    for (int i = 0; i < 50; ++i) {
        sent.push_back(send(client, Request("GET", server.url())));
    }
    ASSERT_TRUE(eventually([&] { return server.open() == 20; }));
    client.close();
    client.close();
    for (auto& each : sent) {
        EXPECT_EQ(each.get().failure, TransportFailure::closed);
    }
    EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
    EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, TransportFailure::closed);
}

TEST(ClientEndTest, AClientThatWasNeverUsedCanBeClosed)
{
    Client client{ClientOptions()};
    client.close();
    EXPECT_EQ(send(client, Request("GET", "http://127.0.0.1:1/")).get().failure, TransportFailure::closed);
}

TEST(ClientEndTest, TheDestructorCompletesEverythingBeforeItReturns)
{
    ScriptedServer server(stall);
    std::vector<Sent> sent;
    {
        Client client{ClientOptions()};
        for (int i = 0; i < 30; ++i) {
            sent.push_back(send(client, Request("GET", server.url())));
        }
    }
    for (auto& each : sent) {
        ASSERT_EQ(each.outcome.wait_for(std::chrono::seconds(0)), std::future_status::ready);
        EXPECT_EQ(each.get().failure, TransportFailure::closed);
        each.transfer->cancel();
    }
}

TEST(ClientEndTest, ManyThreadsSendCancelAndCloseAtOnce)
{
    ScriptedServer server(answer_all);
    for (int round = 0; round < 5; ++round) {
        Client client{ClientOptions()};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 60; ++i) {
                    auto sent = send(client, Request("GET", server.url()));
                    if ((i + t) % 3 == 0) {
                        sent.transfer->cancel();
                    }
                    if (t == 0 && i == 50) {
                        client.close();
                    }
                    const auto outcome = sent.get();
                    EXPECT_TRUE(!outcome.failure || outcome.failure == TransportFailure::cancelled ||
                                outcome.failure == TransportFailure::closed)
                        << outcome.message;
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
}

} // namespace
} // namespace drukbox::http
