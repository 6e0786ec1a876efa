#include "sdk/sample.hpp"
#include "support/eventually.hpp"
#include "support/own_network.hpp"
#include "support/scripted_server.hpp"

#include <drukbox/drukbox.hpp>

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

// Names that cannot be resolved, or not soon.
namespace drukbox::sdk {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace drukbox::test;
using Clock = std::chrono::steady_clock;

constexpr auto far_below_the_resolvers_patience = 5s; // which is 10 s
constexpr auto soon = 200ms;

const std::string name = "sandbox.example"; ///< Unknown, until it is added.
const std::string url = "http://" + name;

std::string url_of(const ScriptedServer& service)
{
    return url + ":" + std::to_string(service.port());
}

SandboxConfig config(const std::string& base_url, std::chrono::milliseconds timeout = 300s)
{
    SandboxConfig config{base_url, "t"};
    config.timeout = timeout;
    config.allow_plain_http = true;
    return config;
}

/// Expects that its scope is left long before the resolver gives up.
class Prompt
{
public:
    Prompt() = default;
    Prompt(const Prompt&) = delete;
    Prompt& operator=(const Prompt&) = delete;

    ~Prompt() { EXPECT_LT(Clock::now() - start_, far_below_the_resolvers_patience) << "held up"; }

private:
    Clock::time_point start_ = Clock::now();
};

/// A call that hangs, on an event loop of its own.
class HangingCall
{
public:
    explicit HangingCall(const SandboxAPI& api)
    {
        const auto handler = [this](std::exception_ptr failure, const SandboxHost&) {
            failure_ = std::move(failure);
        };
        api.create_host(CreateHostRequest{},
                        asio::bind_cancellation_slot(signal_.slot(), asio::bind_executor(io_, handler)));
        EXPECT_EQ(io_.run_for(soon), 0U) << "did not hang";
        io_.restart();
    }

    void cancel() { signal_.emit(asio::cancellation_type::terminal); }

    /// Throws the failure that it ends with.
    void end()
    {
        EXPECT_EQ(io_.run(), 1U);
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

private:
    asio::io_context io_;
    asio::cancellation_signal signal_;
    std::exception_ptr failure_;
};

void expect_aborted(HangingCall& call)
{
    try {
        call.end();
        ADD_FAILURE() << "no failure";
    } catch (const boost::system::system_error& error) {
        EXPECT_EQ(error.code(), asio::error::operation_aborted);
    }
}

class HungResolverTest : public OwnNetworkTest
{
protected:
    static void run_there(void (*body)()) { OwnNetworkTest::run_there(NameServer::silent, body); }
};

TEST_F(HungResolverTest, DoesNotDelayTheClientsTimeout)
{
    run_there([] {
        const Prompt prompt;
        const SandboxAPI api{config(url, soon)};
        EXPECT_THROW(api.get_host("a", asio::use_future).get(), SandboxUnavailableError);
    });
}

TEST_F(HungResolverTest, DoesNotDelayTheTimeoutOfACall)
{
    run_there([] {
        const Prompt prompt;
        const SandboxAPI api{config(url)};
        EXPECT_THROW(api.with_timeout(soon).get_host("a", asio::use_future).get(), SandboxUnavailableError);
    });
}

TEST_F(HungResolverTest, DoesNotDelayACancel)
{
    run_there([] {
        const Prompt prompt;
        const SandboxAPI api{config(url)};
        HangingCall call{api};
        call.cancel();
        expect_aborted(call);
    });
}

TEST_F(HungResolverTest, DoesNotDelayAClose)
{
    run_there([] {
        const Prompt prompt;
        SandboxAPI api{config(url)};
        HangingCall call{api};
        api.close();
        EXPECT_THROW(call.end(), SandboxUnavailableError);
    });
}

TEST_F(HungResolverTest, DoesNotDelayTheDestructor)
{
    run_there([] {
        const Prompt prompt;
        std::optional<SandboxAPI> api{std::in_place, config(url)};
        HangingCall call{*api};
        api.reset();
        EXPECT_THROW(call.end(), SandboxUnavailableError);
    });
}

TEST_F(HungResolverTest, DoesNotDelayTheBlockingClientsTimeoutNorItsDestructor)
{
    run_there([] {
        const Prompt prompt;
        const SandboxClient client{config(url, soon)};
        EXPECT_THROW(client.create_host(), SandboxUnavailableError);
    });
}

TEST_F(HungResolverTest, DoesNotDelayTheTimeoutOfABlockingCall)
{
    run_there([] {
        const Prompt prompt;
        const SandboxClient client{config(url)};
        EXPECT_THROW(client.with_timeout(soon).delete_host("a"), SandboxUnavailableError);
    });
}

TEST_F(HungResolverTest, DoesNotDelayTheCloseThatEndsABlockingCall)
{
    run_there([] {
        const Prompt prompt;
        SandboxClient client{config(url)};
        auto call = std::async(std::launch::async, [&client] { (void)client.get_host("a"); });
        EXPECT_EQ(call.wait_for(soon), std::future_status::timeout) << "did not hang";
        client.close();
        EXPECT_THROW(call.get(), SandboxUnavailableError);
    });
}

TEST_F(HungResolverTest, LeavesTheClientUsable)
{
    run_there([] {
        const Prompt prompt;
        ScriptedServer service{answers_all(sample_json())};
        {
            const SandboxAPI api{config(url_of(service))};
            const SandboxClient client{api};
            EXPECT_THROW(client.with_timeout(soon).create_host(), SandboxUnavailableError);
            HangingCall cancelled{api};
            cancelled.cancel();
            expect_aborted(cancelled);
            const HangingCall still_there{api}; // until it finds the name that another call has found
            OwnNetwork::add_name(name);
            EXPECT_EQ(client.get_host("a"), sample_host());
            EXPECT_EQ(client.create_host(), sample_host());
        }
        EXPECT_TRUE(eventually([&] { return service.open() == 0; }));
    });
}

class FailingResolverTest : public OwnNetworkTest
{
};

TEST_F(FailingResolverTest, LeavesTheClientUsable)
{
    run_there(NameServer::none, [] {
        ScriptedServer service{answers_all(sample_json())};
        {
            const SandboxClient client{config(url_of(service))};
            for (int round = 0; round < 2; ++round) {
                EXPECT_THROW((void)client.get_host("a"), SandboxUnavailableError);
                EXPECT_THROW(client.create_host(), SandboxUnavailableError);
                EXPECT_THROW(client.delete_host("a"), SandboxUnavailableError);
            }
            OwnNetwork::add_name(name);
            EXPECT_EQ(client.get_host("a"), sample_host());
            EXPECT_EQ(client.create_host(), sample_host());
        }
        EXPECT_TRUE(eventually([&] { return service.open() == 0; }));
    });
}

} // namespace
} // namespace drukbox::sdk
