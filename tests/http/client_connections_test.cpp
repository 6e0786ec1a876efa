#include "http/client/client.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// A gate that scripts wait at.
class Gate
{
public:
    void wait()
    {
        std::unique_lock lock(mutex_);
        ++waiting_;
        opened_.wait(lock, [this] { return open_; });
        --waiting_;
    }

    void open()
    {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }

    std::size_t waiting()
    {
        const std::lock_guard lock(mutex_);
        return waiting_;
    }

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
    std::size_t waiting_ = 0;
};

class OpenAtEnd
{
public:
    explicit OpenAtEnd(Gate& gate)
        : gate_(gate)
    {
    }

    ~OpenAtEnd() { gate_.open(); }

private:
    Gate& gate_;
};

/// Sends `count` requests, `in_flight` at a time.
void send_all(Client& client, const std::string& url, std::size_t count, std::size_t in_flight)
{
    std::vector<Sent> sent(in_flight);
    for (std::size_t i = 0; i < count + in_flight; ++i) {
        Sent& slot = sent[i % in_flight];
        if (slot.outcome.valid()) {
            ASSERT_EQ(slot.get().failure, std::nullopt);
        }
        if (i < count) {
            slot = send(client, Request("GET", url));
        }
    }
}

TEST(ClientConnectionsTest, ARequestThatIsNotIdempotentIsNeverSentTwice)
{
    std::atomic<int> creates = 0;
    ScriptedServer server([&](Peer& peer) {
        for (;;) {
            if (peer.read_message().starts_with("POST")) {
                ++creates; // carried out; the answer is lost
                return;
            }
            peer.send(http_answer("hello"));
        }
    });
    Client client{ClientOptions()};
    ASSERT_EQ(send(client, Request("GET", server.url())).get().response.status, 200U);
    Request create("POST", server.url());
    create.body = "{}";
    create.idempotent = false;
    EXPECT_EQ(send(client, std::move(create)).get().failure, TransportFailure::receive);
    EXPECT_EQ(creates, 1);
    EXPECT_EQ(server.accepted(), 2U);
}

TEST(ClientConnectionsTest, AnIdempotentRequestSurvivesADeadIdleConnection)
{
    std::atomic<int> connections = 0;
    ScriptedServer server([&](Peer& peer) {
        if (++connections > 1) {
            answer_all(peer);
        }
        peer.read_message();
        peer.send(http_answer("hello"));
        peer.read_message(); // and hangs up instead of answering
    });
    Client client{ClientOptions()};
    EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, std::nullopt);
    EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, std::nullopt);
    EXPECT_EQ(connections, 2);
}

TEST(ClientConnectionsTest, TheConnectionOfANonIdempotentRequestIsReusedAfterwards)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    Request create("POST", server.url());
    create.idempotent = false;
    EXPECT_EQ(send(client, std::move(create)).get().failure, std::nullopt);
    EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, std::nullopt);
    EXPECT_EQ(server.accepted(), 1U);
}

TEST(ClientConnectionsTest, SixteenInFlightMakeSixteenConnections)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    send_all(client, server.url(), 2000, 16);
    // On a machine so busy that this thread stalls for long, idle ones are trimmed meanwhile.
    EXPECT_LE(server.accepted(), 2 * 16U);
}

TEST(ClientConnectionsTest, FewIdleConnectionsStayAfterABurst)
{
    Gate gate;
    ScriptedServer server([&](Peer& peer) {
        peer.read_message();
        gate.wait();
        peer.send(http_answer("hello"));
        answer_all(peer);
    });
    const OpenAtEnd open_at_end(gate);
    Client client{ClientOptions()};
    std::vector<Sent> burst;
    for (int i = 0; i < 16; ++i) {
        burst.push_back(send(client, Request("GET", server.url())));
    }
    ASSERT_TRUE(eventually([&] { return gate.waiting() == 16; }));
    gate.open();
    for (auto& sent : burst) {
        EXPECT_EQ(sent.get().failure, std::nullopt);
    }
    EXPECT_TRUE(eventually([&] { return server.open() <= 5; }));
    EXPECT_TRUE(throughout(100ms, [&] { return server.open() == 5; })) << server.open();
}

TEST(ClientConnectionsTest, IdleConnectionsAreTrimmedWhileALengthyRequestRuns)
{
    Gate burst_gate;
    Gate lengthy_gate;
    ScriptedServer server([&](Peer& peer) {
        for (;;) {
            const bool lengthy = peer.read_message().starts_with("POST");
            (lengthy ? lengthy_gate : burst_gate).wait();
            peer.send(http_answer("hello"));
        }
    });
    const OpenAtEnd open_lengthy(lengthy_gate);
    const OpenAtEnd open_burst(burst_gate);
    Client client{ClientOptions()};
    Request create("POST", server.url());
    create.lane = Lane::lengthy;
    create.idempotent = false;
    auto lengthy = send(client, std::move(create));
    std::vector<Sent> burst;
    for (int i = 0; i < 12; ++i) {
        burst.push_back(send(client, Request("GET", server.url())));
    }
    ASSERT_TRUE(eventually([&] { return burst_gate.waiting() == 12 && lengthy_gate.waiting() == 1; }));
    burst_gate.open();
    for (auto& sent : burst) {
        EXPECT_EQ(sent.get().failure, std::nullopt);
    }
    EXPECT_TRUE(eventually([&] { return server.open() <= 6; }));
    EXPECT_TRUE(throughout(100ms, [&] { return server.open() == 6; })) << server.open();
    lengthy_gate.open();
    EXPECT_EQ(lengthy.get().failure, std::nullopt);
}

TEST(ClientConnectionsTest, NoIdleConnectionStaysIfNoneMay)
{
    ScriptedServer server(answer_all);
    ClientOptions options;
    options.max_idle_connections = 0;
    Client client{options};
    EXPECT_EQ(send(client, Request("GET", server.url())).get().failure, std::nullopt);
    EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
}

TEST(ClientConnectionsTest, NeverMoreConnectionsThanAllowedIdleOnesIncluded)
{
    std::atomic<std::size_t> most = 0;
    std::atomic<std::size_t> now = 0;
    const auto script = [&](Peer& peer) {
        const auto count = ++now;
        for (auto seen = most.load(); seen < count && !most.compare_exchange_weak(seen, count);) {
        }
        try {
            answer_all(peer);
        } catch (const PeerError&) {
            --now;
            throw;
        }
    };
    ScriptedServer one(script);
    ScriptedServer other(script);
    ClientOptions options;
    options.max_connections = 4;
    options.max_idle_connections = 4;
    Client client{options};
    std::vector<Sent> sent;
    for (int i = 0; i < 400; ++i) {
        Request request("GET", i % 2 == 0 ? one.url() : other.url());
        request.idempotent = i % 3 != 0;
        sent.push_back(send(client, std::move(request)));
    }
    for (auto& each : sent) {
        EXPECT_EQ(each.get().failure, std::nullopt);
    }
    // A server hears of a closed connection a moment after the client has made the next.
    EXPECT_LE(most, 4U + 4U);
    EXPECT_LE(one.open() + other.open(), 8U);
}

TEST(ClientConnectionsTest, TwentyLengthyRequestsDoNotHoldUpABriefOne)
{
    Gate gate;
    ScriptedServer server([&](Peer& peer) {
        for (;;) {
            if (peer.read_message().starts_with("POST")) {
                gate.wait();
            }
            peer.send(http_answer("hello"));
        }
    });
    const OpenAtEnd open_at_end(gate);
    Client client{ClientOptions()};
    std::vector<Sent> lengthy;
    for (int i = 0; i < 20; ++i) {
        Request request("POST", server.url());
        request.lane = Lane::lengthy;
        request.idempotent = false;
        lengthy.push_back(send(client, std::move(request)));
    }
    ASSERT_TRUE(eventually([&] { return gate.waiting() == 18; }));
    EXPECT_EQ(send(client, Request("GET", server.url())).get().response.status, 200U);
    EXPECT_EQ(gate.waiting(), 18U);
    gate.open();
    for (auto& sent : lengthy) {
        EXPECT_EQ(sent.get().response.status, 200U);
    }
}

TEST(ClientConnectionsTest, ItsSocketsAreNotInherited)
{
    ScriptedServer server(answer_all);
    Client client{ClientOptions()};
    ASSERT_EQ(send(client, Request("GET", server.url())).get().failure, std::nullopt);
    int ours = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int fd = std::stoi(entry.path().filename());
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
            peer.sin_port == htons(server.port())) {
            ++ours;
            EXPECT_TRUE((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    EXPECT_EQ(ours, 1);
}

TEST(ClientConnectionsTest, AClientThatIsNeverUsedStartsNoThread)
{
    const auto threads = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                             std::filesystem::directory_iterator());
    };
    const auto before = threads();
    Client client{ClientOptions()};
    EXPECT_EQ(threads(), before);
}

} // namespace
} // namespace drukbox::http
