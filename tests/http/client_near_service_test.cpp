#include "http/client/client.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

// A service that answers at once, on which the I/O thread waits awake: for a moment, and for nothing else.
namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// Answers every GET at once, and no POST ever.
void answer_gets(Peer& peer)
{
    for (;;) {
        if (peer.read_message().starts_with("POST")) {
            peer.wait_closed();
            return;
        }
        peer.send(http_answer("hello"));
    }
}

class ClientNearServiceTest : public testing::Test
{
protected:
    Request a_get() { return {"GET", server.url()}; }

    /// One that is never answered.
    Request a_post() { return {"POST", server.url()}; }

    void come_near()
    {
        for (int i = 0; i < 20; ++i) {
            ASSERT_EQ(send(*client, a_get()).get().failure, std::nullopt);
        }
    }

    /// Expects this process to sleep, as long as `waiting` stay unanswered.
    void expect_sleep(std::vector<Sent> waiting)
    {
        constexpr auto wait = 300ms;
        const std::clock_t before = std::clock();
        if (waiting.empty()) {
            std::this_thread::sleep_for(wait);
        } else {
            ASSERT_EQ(waiting.front().outcome.wait_for(wait), std::future_status::timeout);
        }
        EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10) << "of processor time";
    }

    ScriptedServer server{answer_gets};
    std::unique_ptr<Client> client = std::make_unique<Client>(ClientOptions());
};

TEST_F(ClientNearServiceTest, NoProcessorTimeIsSpentBetweenRequests)
{
    come_near();
    expect_sleep({});
}

TEST_F(ClientNearServiceTest, NoProcessorTimeIsSpentOnAnAnswerThatIsLate)
{
    come_near();
    std::vector<Sent> waiting;
    waiting.push_back(send(*client, a_post()));
    expect_sleep(std::move(waiting));
}

TEST_F(ClientNearServiceTest, NoProcessorTimeIsSpentOnSeveralAnswersThatAreLate)
{
    come_near();
    std::vector<Sent> waiting;
    for (int i = 0; i < 3; ++i) {
        waiting.push_back(send(*client, a_post()));
    }
    expect_sleep(std::move(waiting));
}

TEST_F(ClientNearServiceTest, ATimeoutComesInTime)
{
    for (int i = 0; i < 20; ++i) {
        come_near();
        Request late = a_post();
        late.timeout = std::chrono::milliseconds(1 + i % 3);
        EXPECT_EQ(send(*client, std::move(late)).get().failure, TransportFailure::timeout);
    }
    EXPECT_TRUE(eventually([&] { return server.open() <= 1; }));
}

TEST_F(ClientNearServiceTest, ACancelIsSeen)
{
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(send(*client, a_get()).get().failure, std::nullopt);
        auto late = send(*client, a_post());
        std::this_thread::sleep_for(std::chrono::microseconds(10 * i)); // awake, or asleep again
        late.transfer->cancel();
        EXPECT_EQ(late.get().failure, TransportFailure::cancelled);
    }
    EXPECT_TRUE(eventually([&] { return server.open() <= 1; }));
}

TEST_F(ClientNearServiceTest, TheEndOfTheClientIsSeen)
{
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(send(*client, a_get()).get().failure, std::nullopt);
        std::this_thread::sleep_for(std::chrono::microseconds(10 * i)); // awake, or asleep again
        if (i % 2 == 0) {
            client = std::make_unique<Client>(ClientOptions());
        } else {
            auto late = send(*client, a_post());
            client = std::make_unique<Client>(ClientOptions());
            EXPECT_EQ(late.get().failure, TransportFailure::closed);
        }
    }
    client.reset();
    EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
}

TEST_F(ClientNearServiceTest, ARequestIsSeenWheneverItComes)
{
    for (int i = 0; i < 200; ++i) {
        std::this_thread::sleep_for(std::chrono::microseconds(2 * i)); // awake, or asleep again
        ASSERT_EQ(send(*client, a_get()).get().failure, std::nullopt);
    }
    EXPECT_EQ(server.accepted(), 1U);
}

/// Opens twelve connections at once, then sends one request after another until six are left: five idle ones,
/// and that of the request.
void trim_between_answers()
{
    std::latch all_in_flight{12};
    ScriptedServer near{[&](Peer& peer) {
        peer.read_message();
        all_in_flight.arrive_and_wait();
        peer.send(http_answer("hello"));
        answer_all(peer);
    }};
    Client client{ClientOptions()};
    std::vector<Sent> burst;
    for (int i = 0; i < 12; ++i) {
        burst.push_back(send(client, Request("GET", near.url())));
    }
    for (auto& sent : burst) {
        ASSERT_EQ(sent.get().failure, std::nullopt);
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    while (near.open() > 6 && std::chrono::steady_clock::now() < end) {
        auto sent = send(client, Request("GET", near.url()));
        ASSERT_EQ(sent.outcome.wait_for(patience), std::future_status::ready) << "lost";
        ASSERT_EQ(sent.get().failure, std::nullopt);
    }
    EXPECT_LE(near.open(), 6U);
}

TEST(ClientTrimTest, IdleConnectionsAreTrimmedWhileOneRequestFollowsAnotherAndNoAnswerIsLost)
{
    // Several at once, so that one of them gets an answer while it trims.
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back(trim_between_answers);
    }
}

} // namespace
} // namespace drukbox::http
