#include "http/client/client.hpp"
#include "support/own_network.hpp"
#include "support/send.hpp"

#include <gtest/gtest.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
using Clock = std::chrono::steady_clock;

constexpr auto far_below_the_resolvers_patience = 3s;

class ClientResolverTest : public OwnNetworkTest
{
};

Request to_an_unknown_name()
{
    return Request("GET", "http://sandbox.example/");
}

/// Sends a request that hangs.
Sent send_hanging(Client& client)
{
    auto sent = send(client, to_an_unknown_name());
    EXPECT_EQ(sent.outcome.wait_for(300ms), std::future_status::timeout) << "did not hang";
    return sent;
}

TEST_F(ClientResolverTest, AHungResolverDoesNotDelayATimeout)
{
    run_there(NameServer::silent, [] {
        Client client{ClientOptions()};
        const auto start = Clock::now();
        Request request = to_an_unknown_name();
        request.timeout = 300ms;
        const auto outcome = send(client, std::move(request)).get();
        EXPECT_LT(Clock::now() - start, far_below_the_resolvers_patience);
        EXPECT_EQ(outcome.failure, TransportFailure::timeout) << outcome.message;
    });
}

TEST_F(ClientResolverTest, AHungResolverDoesNotDelayACancel)
{
    run_there(NameServer::silent, [] {
        Client client{ClientOptions()};
        auto sent = send_hanging(client);
        const auto start = Clock::now();
        sent.transfer->cancel();
        const auto outcome = sent.get();
        EXPECT_LT(Clock::now() - start, far_below_the_resolvers_patience);
        EXPECT_EQ(outcome.failure, TransportFailure::cancelled) << outcome.message;
    });
}

TEST_F(ClientResolverTest, AHungResolverDoesNotDelayTheDestructor)
{
    run_there(NameServer::silent, [] {
        auto client = std::make_unique<Client>(ClientOptions());
        auto sent = send_hanging(*client);
        const auto start = Clock::now();
        client.reset();
        EXPECT_LT(Clock::now() - start, far_below_the_resolvers_patience);
        const auto outcome = sent.get();
        EXPECT_EQ(outcome.failure, TransportFailure::closed) << outcome.message;
    });
}

} // namespace
} // namespace drukbox::http
