#include "sdk/call_styles.hpp"
#include "sdk/sample.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace drukbox::sdk {
namespace {

namespace asio = boost::asio;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;

template <class Style>
class CallStyleTest : public ::testing::Test
{
protected:
    template <class Start>
    Ending<SandboxHost> host(const Start& start)
    {
        return Style::template run<SandboxHost>(start);
    }

    template <class Start>
    Ending<Nothing> nothing(const Start& start)
    {
        return Style::template run<Nothing>(start);
    }

    FakeService service_;
    SandboxAPI api_{service_.url(), "t"};
};

TYPED_TEST_SUITE(CallStyleTest, Styles, StyleNames);

TYPED_TEST(CallStyleTest, GivesTheRecordOnTheHandlersExecutor)
{
    this->service_.answer(Answer::json(200, sample_json()));
    const auto ending = this->host(
        [this](auto&& token) { return this->api_.get_host(host_id, std::forward<decltype(token)>(token)); });
    EXPECT_EQ(ending.failure, nullptr);
    EXPECT_EQ(ending.result, sample_host());
    EXPECT_TRUE(ending.on_executor);
}

TYPED_TEST(CallStyleTest, GivesTheTypedErrorOnTheHandlersExecutor)
{
    this->service_.answer(Answer::json(404, R"({"detail":"host not found"})"));
    const auto ending = this->host(
        [this](auto&& token) { return this->api_.get_host(host_id, std::forward<decltype(token)>(token)); });
    ASSERT_NE(ending.failure, nullptr);
    EXPECT_THROW(std::rethrow_exception(ending.failure), SandboxNotFoundError);
    EXPECT_TRUE(ending.on_executor);
}

TYPED_TEST(CallStyleTest, GivesTheRefusalOfAnArgumentTheSameWay)
{
    const auto ending = this->host(
        [this](auto&& token) { return this->api_.get_host("", std::forward<decltype(token)>(token)); });
    ASSERT_NE(ending.failure, nullptr);
    EXPECT_THROW(std::rethrow_exception(ending.failure), SandboxUsageError);
    EXPECT_TRUE(ending.on_executor);
    EXPECT_EQ(this->service_.connections_opened(), 0U);
}

TYPED_TEST(CallStyleTest, CompletesACallWithoutAResult)
{
    this->service_.answer(Answer::empty(204));
    const auto ending = this->nothing([this](auto&& token) {
        return this->api_.delete_host(host_id, std::forward<decltype(token)>(token));
    });
    EXPECT_EQ(ending.failure, nullptr);
    EXPECT_TRUE(ending.result.has_value());
    EXPECT_TRUE(ending.on_executor);
}

TYPED_TEST(CallStyleTest, FailsACallWithoutAResult)
{
    this->service_.answer(Answer::json(409, R"({"detail":"host is still provisioning"})"));
    const auto ending = this->nothing([this](auto&& token) {
        return this->api_.delete_host(host_id, std::forward<decltype(token)>(token));
    });
    ASSERT_NE(ending.failure, nullptr);
    EXPECT_THROW(std::rethrow_exception(ending.failure), SandboxConflictError);
    EXPECT_TRUE(ending.on_executor);
}

class CallTest : public ::testing::Test
{
protected:
    FakeService service_;
    SandboxAPI api_{service_.url(), "t"};
};

TEST_F(CallTest, DetachedSendsTheRequest)
{
    service_.answer(Answer::empty(204));
    api_.delete_host(host_id, asio::detached);
    ASSERT_TRUE(service_.wait_for_requests(1));
    EXPECT_EQ(service_.requests().front().method, "DELETE");
}

TEST_F(CallTest, ADeferredCallSendsNothingUntilItIsStartedAndMayBeStartedAgain)
{
    service_.answer_always(Answer::empty(204));
    auto operation = api_.delete_host(host_id, asio::deferred);
    EXPECT_EQ(service_.connections_opened(), 0U);
    operation(asio::use_future).get();
    operation(asio::use_future).get();
    EXPECT_EQ(service_.requests().size(), 2U);
}

TEST_F(CallTest, TheEventLoopDoesNotReturnBeforeTheHandlerRan)
{
    service_.answer(Answer::json(200, sample_json()).held());
    asio::io_context io;
    bool called = false;
    const auto handler = [&called](std::exception_ptr, const SandboxHost&) { called = true; };
    api_.get_host(host_id, asio::bind_executor(io, handler));
    const std::jthread releaser{[this] {
        ASSERT_TRUE(service_.wait_for_requests(1));
        service_.release();
    }};
    io.run();
    EXPECT_TRUE(called);
}

TEST_F(CallTest, AHandlerMayDestroyTheClient)
{
    service_.answer(Answer::json(200, sample_json()));
    auto owned = std::make_unique<SandboxAPI>(service_.url(), "t");
    const SandboxAPI& api = *owned;
    std::promise<void> destroyed;
    api.get_host(host_id,
                 [&destroyed, owned = std::move(owned)](std::exception_ptr, const SandboxHost&) mutable {
                     owned.reset();
                     destroyed.set_value();
                 });
    destroyed.get_future().wait();
}

TEST_F(CallTest, AMoveOnlyHandlerIsTaken)
{
    service_.answer(Answer::empty(204));
    asio::io_context io;
    bool called = false;
    auto handler = [&called, owned = std::make_unique<int>(7)](std::exception_ptr) { called = *owned == 7; };
    api_.delete_host(host_id, asio::bind_executor(io, std::move(handler)));
    io.run();
    EXPECT_TRUE(called);
}

/// Counts what is allocated and given back.
template <class T>
class CountingAllocator
{
public:
    using value_type = T;

    explicit CountingAllocator(std::atomic<int>& allocated, std::atomic<int>& live)
        : allocated_(&allocated)
        , live_(&live)
    {
    }

    template <class U>
    explicit(false) CountingAllocator(const CountingAllocator<U>& other) noexcept
        : allocated_(other.allocated_)
        , live_(other.live_)
    {
    }

    T* allocate(std::size_t count)
    {
        ++*allocated_;
        ++*live_;
        return std::allocator<T>{}.allocate(count);
    }

    void deallocate(T* memory, std::size_t count) noexcept
    {
        --*live_;
        std::allocator<T>{}.deallocate(memory, count);
    }

    friend bool operator==(const CountingAllocator&, const CountingAllocator&) = default;

    std::atomic<int>* allocated_;
    std::atomic<int>* live_;
};

TEST_F(CallTest, TheHandlersAllocatorIsUsedAndItsMemoryIsBackBeforeTheHandlerRuns)
{
    service_.answer(Answer::empty(204));
    std::atomic<int> allocated{0};
    std::atomic<int> live{0};
    int live_in_handler = -1;
    asio::io_context io;
    const auto handler = [&](std::exception_ptr) { live_in_handler = live; };
    api_.delete_host(
        host_id,
        asio::bind_executor(io, asio::bind_allocator(CountingAllocator<char>{allocated, live}, handler)));
    EXPECT_EQ(live, 1);
    io.run();
    EXPECT_GE(allocated, 2);
    EXPECT_EQ(live_in_handler, 0);
    EXPECT_EQ(live, 0);
}

TEST_F(CallTest, OneClientServesManyThreadsAndEventLoopsAtOnce)
{
    constexpr int threads = 6;
    constexpr int calls = 40;
    service_.answer_always(Answer::json(200, sample_json()));
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < threads; ++i) {
            workers.emplace_back([this, &good] {
                asio::io_context io;
                const auto body = [&]() -> asio::awaitable<void> {
                    for (int call = 0; call < calls; ++call) {
                        const SandboxHost host = co_await api_.get_host(host_id);
                        good += host == sample_host() ? 1 : 0;
                    }
                };
                asio::co_spawn(io, body, asio::detached);
                asio::co_spawn(io, body, asio::detached);
                io.run();
                const SandboxClient blocking{api_};
                good += blocking.get_host(host_id) == sample_host() ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(good, threads * (2 * calls + 1));
    EXPECT_LE(service_.connections_opened(), 20U);
}

TEST_F(CallTest, AClientOutlivesTheEventLoopsThatUseIt)
{
    service_.answer_always(Answer::json(200, sample_json()));
    for (int loop = 0; loop < 3; ++loop) {
        asio::io_context io;
        std::optional<SandboxHost> host;
        const auto body = [&]() -> asio::awaitable<void> { host = co_await api_.get_host(host_id); };
        asio::co_spawn(io, body, asio::detached);
        io.run();
        EXPECT_EQ(host, sample_host());
    }
}

} // namespace
} // namespace drukbox::sdk
