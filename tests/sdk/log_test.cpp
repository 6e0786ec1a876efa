#include "sdk/sample.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/asio.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace drukbox::sdk {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;
using ::testing::HasSubstr;
using ::testing::Not;

/// A log that a hook writes to, from whatever thread.
class Log
{
public:
    void write(const LogEntry& entry)
    {
        const std::lock_guard lock{mutex_};
        entries_.push_back(entry);
        last_thread_ = std::this_thread::get_id();
    }

    [[nodiscard]] std::vector<LogEntry> entries() const
    {
        const std::lock_guard lock{mutex_};
        return entries_;
    }

    [[nodiscard]] std::thread::id last_thread() const
    {
        const std::lock_guard lock{mutex_};
        return last_thread_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<LogEntry> entries_;
    std::thread::id last_thread_;
};

class LogTest : public ::testing::Test
{
protected:
    [[nodiscard]] SandboxConfig config() const
    {
        SandboxConfig config{service_.url(), "hunter2-token"};
        config.log = [log = log_](const LogEntry& entry) { log->write(entry); };
        return config;
    }

    FakeService service_;
    const std::shared_ptr<Log> log_ = std::make_shared<Log>();
};

TEST_F(LogTest, TellsMethodPathStatusTimeAndRequestIdOfEveryCall)
{
    SandboxConfig prefixed = config();
    prefixed.base_url += "/prefix/";
    const SandboxClient client{prefixed};
    service_.answer(Answer::json(201, sample_json()).header("x-request-id", "req-1"));
    client.create_host();
    service_.answer(Answer::json(404, "{}").header("x-request-id", "req-2"));
    EXPECT_THROW(client.renew_host("a/b"), SandboxNotFoundError);
    service_.answer(Answer::empty(204));
    client.delete_host("c");

    const auto entries = log_->entries();
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].operation, "create_host");
    EXPECT_EQ(entries[0].method, "POST");
    EXPECT_EQ(entries[0].path, "/prefix/hosts");
    EXPECT_EQ(entries[0].status, 201);
    EXPECT_GT(entries[0].duration, 0us);
    EXPECT_EQ(entries[0].request_id, "req-1");
    EXPECT_EQ(entries[1].operation, "renew_host");
    EXPECT_EQ(entries[1].path, "/prefix/hosts/a%2Fb/renew");
    EXPECT_EQ(entries[1].status, 404);
    EXPECT_EQ(entries[1].request_id, "req-2");
    EXPECT_EQ(entries[2].operation, "delete_host");
    EXPECT_EQ(entries[2].method, "DELETE");
    EXPECT_EQ(entries[2].path, "/prefix/hosts/c");
    EXPECT_EQ(entries[2].status, 204);
    EXPECT_EQ(entries[2].request_id, "");
}

TEST_F(LogTest, ACallWithoutAWholeAnswerHasNoStatus)
{
    SandboxClient client{config()};
    service_.answer(Answer::raw("HTTP/1.1 200 OK\r\nX-Request-Id: cut\r\nContent-Length: 9\r\n\r\n{"));
    EXPECT_THROW((void)client.get_host("a"), SandboxUnavailableError);
    service_.answer(Answer::json(200, "[]").held());
    EXPECT_THROW((void)client.with_timeout(20ms).list_hosts(), SandboxUnavailableError);
    client.close();
    EXPECT_THROW((void)client.doctor(), SandboxUnavailableError);
    const auto entries = log_->entries();
    ASSERT_EQ(entries.size(), 3U);
    for (const LogEntry& entry : entries) {
        EXPECT_EQ(entry.status, 0);
        EXPECT_EQ(entry.request_id, "");
    }
    EXPECT_EQ(entries[1].operation, "list_hosts");
    EXPECT_GE(entries[1].duration, 20ms);
}

TEST_F(LogTest, ACallThatIsRefusedBeforehandMakesNoEntry)
{
    const SandboxClient client{config()};
    EXPECT_THROW((void)client.get_host(""), SandboxUsageError);
    EXPECT_TRUE(log_->entries().empty());
}

TEST_F(LogTest, HoldsNoTokenNoVariableNoHeaderAndNoKey)
{
    const SandboxClient client{config()};
    SandboxHost host = sample_host();
    host.private_key = "hunter2-key";
    service_.answer(Answer::json(201, wire::serialize(host)).header("X-Request-Id", "req-1"));
    client.create_host(CreateHostRequest{}.env("A", "hunter2-env").idempotency_key("hunter2-idempotency"));
    service_.answer(Answer::json(201, R"({"name":"a","status":"created"})"));
    client.create_http_proxy(CreateHTTPProxyRequest{"a", "https://b"}.header("A", "hunter2-header"));
    ASSERT_EQ(log_->entries().size(), 2U);
    for (const LogEntry& entry : log_->entries()) {
        EXPECT_THAT(entry.operation + entry.method + entry.path + entry.request_id,
                    Not(HasSubstr("hunter2")));
    }
}

TEST_F(LogTest, RunsOnTheHandlersExecutorRightBeforeTheHandler)
{
    const SandboxAPI api{config()};
    service_.answer_always(Answer::json(200, sample_json()));
    asio::thread_pool pool{1};
    std::thread::id handler_thread;
    std::size_t logged_before = 0;
    const auto handler = [&](std::exception_ptr, const SandboxHost&) {
        handler_thread = std::this_thread::get_id();
        logged_before = log_->entries().size();
    };
    api.get_host(host_id, asio::bind_executor(pool, handler));
    pool.join();
    EXPECT_EQ(log_->last_thread(), handler_thread);
    EXPECT_NE(log_->last_thread(), std::this_thread::get_id());
    EXPECT_EQ(logged_before, 1U);
    (void)SandboxClient{api}.get_host(host_id);
    EXPECT_EQ(log_->last_thread(), std::this_thread::get_id());
}

TEST_F(LogTest, WhatItThrowsIsDropped)
{
    SandboxConfig throwing = config();
    throwing.log = [](const LogEntry&) { throw std::runtime_error("disk full"); };
    const SandboxClient client{throwing};
    service_.answer(Answer::json(200, sample_json()));
    EXPECT_EQ(client.get_host(host_id), sample_host());
    service_.answer(Answer::json(404, "{}"));
    EXPECT_THROW((void)client.get_host(host_id), SandboxNotFoundError);
}

TEST_F(LogTest, MayUseItsOwnClient)
{
    std::optional<SandboxClient> client;
    std::size_t depth = 0;
    SandboxConfig recursive = config();
    recursive.log = [&](const LogEntry&) {
        if (++depth < 3) {
            (void)client->get_host(host_id);
        } else {
            client->close();
        }
    };
    client.emplace(recursive);
    service_.answer_always(Answer::json(200, sample_json()));
    EXPECT_EQ(client->get_host(host_id), sample_host());
    EXPECT_EQ(depth, 3U);
}

TEST_F(LogTest, OutlivesTheClientForTheCallsThatWereUnderWay)
{
    const auto witness = std::make_shared<int>(0);
    asio::io_context io;
    {
        SandboxConfig holding = config();
        holding.log = [log = log_, witness](const LogEntry& entry) { log->write(entry); };
        const SandboxAPI api{std::move(holding)};
        service_.answer_always(Answer::json(200, sample_json()).held());
        for (int call = 0; call < 3; ++call) {
            const auto handler = [](std::exception_ptr, const SandboxHost&) {};
            api.get_host(host_id, asio::bind_executor(io, handler));
        }
        ASSERT_TRUE(service_.wait_for_requests(3));
    }
    EXPECT_GT(witness.use_count(), 1);
    io.run();
    EXPECT_EQ(log_->entries().size(), 3U);
    EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(LogTest, TakesEntriesFromManyThreadsAtOnce)
{
    service_.answer_always(Answer::json(200, sample_json()));
    const SandboxClient client{config()};
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i) {
            workers.emplace_back([&client] {
                for (int call = 0; call < 25; ++call) {
                    (void)client.get_host(host_id);
                }
            });
        }
    }
    EXPECT_EQ(log_->entries().size(), 100U);
}

} // namespace
} // namespace drukbox::sdk
