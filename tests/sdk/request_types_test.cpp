#include <drukbox/create_host_request.hpp>
#include <drukbox/create_http_proxy_request.hpp>
#include <drukbox/lease.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace drukbox {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

static_assert(!std::is_aggregate_v<CreateHostRequest> && !std::is_aggregate_v<Lease>);

TEST(LeaseTest, IsTheServicesDefaultUnlessSaidOtherwise)
{
    EXPECT_TRUE(Lease().is_default());
    EXPECT_EQ(Lease(), Lease::service_default());
    EXPECT_FALSE(Lease().is_permanent());
    EXPECT_EQ(Lease().end(), std::nullopt);
}

TEST(LeaseTest, OfAPermanentHostHasNoEnd)
{
    EXPECT_TRUE(Lease::permanent().is_permanent());
    EXPECT_FALSE(Lease::permanent().is_default());
    EXPECT_EQ(Lease::permanent().end(), std::nullopt);
}

TEST(LeaseTest, HasAnEndOfAnyPrecisionCutToMicroseconds)
{
    const std::chrono::sys_days day = std::chrono::year{2026} / 6 / 1;
    EXPECT_EQ(Lease::until(day).end(), day);
    EXPECT_EQ(Lease::until(day + 1h).end(), day + 1h);
    EXPECT_EQ(Lease::until(day + 1999ns).end(), day + 1us);
    EXPECT_EQ(Lease::until(day - 1ns).end(), day - 1us);
    EXPECT_FALSE(Lease::until(day).is_default());
    EXPECT_FALSE(Lease::until(day).is_permanent());
}

TEST(CreateHostRequestTest, ChainsOnATemporaryAndOnANamedOne)
{
    auto request = CreateHostRequest{}.image("x").env("A", "1");
    static_assert(std::is_same_v<decltype(request), CreateHostRequest>);
    request.env("B", "2")
        .env("A", "3")
        .idempotency_key("k")
        .provider("p")
        .instance_type("t")
        .disk_gb(5)
        .expires(Lease::permanent());
    EXPECT_EQ(request.image(), "x");
    EXPECT_THAT(request.env(), ElementsAre(Pair("A", "3"), Pair("B", "2")));
    EXPECT_EQ(request.idempotency_key(), "k");
    EXPECT_EQ(request.provider(), "p");
    EXPECT_EQ(request.instance_type(), "t");
    EXPECT_EQ(request.disk_gb(), 5);
    EXPECT_EQ(request.lease(), Lease::permanent());
}

TEST(CreateHTTPProxyRequestTest, ChainsOnATemporaryAndOnANamedOne)
{
    auto request = CreateHTTPProxyRequest{"n", "https://t"}.header("A", "1");
    static_assert(std::is_same_v<decltype(request), CreateHTTPProxyRequest>);
    request.header("B", "2").header("A", "3");
    EXPECT_EQ(request.name(), "n");
    EXPECT_EQ(request.target(), "https://t");
    EXPECT_THAT(request.headers(), ElementsAre(Pair("A", "3"), Pair("B", "2")));
}

TEST(CreateHostRequestTest, AChainOnATemporaryMovesItsContents)
{
    const std::string long_enough_for_the_heap(100, 'x');
    auto request = CreateHostRequest{}.image(long_enough_for_the_heap);
    const char* const text = request.image()->data();
    const auto moved = std::move(request).env("A", "1");
    EXPECT_EQ(moved.image()->data(), text);
}

} // namespace
} // namespace drukbox
