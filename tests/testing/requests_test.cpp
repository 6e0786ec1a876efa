#include "testing/fixture.hpp"

#include <chrono>
#include <thread>
#include <vector>

namespace drukbox::test {
namespace {

using namespace drukbox::testing;

using namespace std::chrono_literals;

class RequestsTest : public ServiceTest
{
};

TEST_F(RequestsTest, AreRememberedAsTheyCameIn)
{
    client_.create_host(CreateHostRequest{}.image("a").idempotency_key("k"));
    ASSERT_EQ(service_.requests().size(), 1U);
    const RecordedRequest request = service_.requests().front();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/hosts");
    EXPECT_EQ(request.body, R"({"image":"a"})");
    EXPECT_EQ(request.operation, Operation::create_host);
    EXPECT_EQ(request.header("idempotency-key"), "k");
    EXPECT_TRUE(request.has_header("AUTHORIZATION"));
    EXPECT_FALSE(request.has_header("Cookie"));
    EXPECT_EQ(request.header("Cookie"), "");
}

TEST_F(RequestsTest, AreFoundByTheirOperation)
{
    const SandboxHost host = client_.create_host();
    (void)client_.get_host(host.id);
    (void)client_.attach(host.id);
    client_.renew_host(host.id);
    (void)client_.list_hosts();
    client_.delete_host(host.id);
    (void)client_.doctor();
    EXPECT_EQ(service_.requests().size(), 7U);
    EXPECT_EQ(service_.requests(Operation::get_host).size(), 2U);
    for (const Operation operation : {Operation::create_host, Operation::renew_host, Operation::list_hosts,
                                      Operation::delete_host, Operation::doctor}) {
        EXPECT_EQ(service_.requests(operation).size(), 1U);
    }
    EXPECT_TRUE(service_.requests(Operation::create_http_proxy).empty());
}

TEST_F(RequestsTest, CountTheirConnections)
{
    EXPECT_EQ(service_.connections_opened(), 0U);
    (void)client_.doctor();
    (void)client_.doctor();
    EXPECT_EQ(service_.connections_opened(), 1U);
    EXPECT_EQ(service_.connections_open(), 1U);
    client_.close();
    EXPECT_TRUE(service_.wait_until_connections_open(0));
    EXPECT_EQ(service_.connections_opened(), 1U);
}

TEST_F(RequestsTest, DoNotComeOverAConnectionThatIsDropped)
{
    service_.drop_connections(2);
    EXPECT_THROW((void)client_.doctor(), SandboxUnavailableError);
    EXPECT_THROW(client_.create_host(), SandboxUnavailableError);
    EXPECT_TRUE(client_.doctor().ok);
    EXPECT_EQ(service_.requests().size(), 1U);
    EXPECT_EQ(service_.connections_opened(), 3U);
    EXPECT_TRUE(service_.wait_until_connections_open(1));
}

TEST_F(RequestsTest, AreWaitedForNoLongerThanAsked)
{
    EXPECT_FALSE(service_.wait_for_requests(1, 1ms));
    EXPECT_FALSE(service_.wait_for_answers_held(1, 1ms));
    EXPECT_FALSE(service_.wait_until_connections_open(1, 1ms));
    EXPECT_TRUE(service_.wait_for_requests(0, 0ms));
}

TEST_F(RequestsTest, MayComeFromManyThreadsWhileATestLooksOn)
{
    constexpr std::size_t threads = 4;
    constexpr std::size_t calls = 25;
    {
        std::vector<std::jthread> callers;
        for (std::size_t i = 0; i < threads; ++i) {
            callers.emplace_back([this] {
                for (std::size_t call = 0; call < calls; ++call) {
                    client_.delete_host(client_.create_host().id);
                }
            });
        }
        while (!service_.wait_for_requests(2 * threads * calls, 0ms)) {
            (void)service_.requests();
            (void)state_.hosts();
            service_.answer(Operation::doctor, Answer::drop());
        }
    }
    EXPECT_TRUE(state_.hosts().empty());
    EXPECT_EQ(service_.requests(Operation::delete_host).size(), threads * calls);
}

TEST_F(RequestsTest, MayBelongToNoOperation)
{
    service_.answer(Answer::hosts({}));
    SandboxConfig config = service_.config();
    config.base_url += "/prefix";
    EXPECT_TRUE(SandboxClient{config}.list_hosts().empty());
    EXPECT_EQ(service_.requests().front().target, "/prefix/hosts");
    EXPECT_EQ(service_.requests().front().operation, std::nullopt);
}

} // namespace
} // namespace drukbox::test
