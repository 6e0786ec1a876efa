#include "sdk/call_styles.hpp"
#include "sdk/litterbox_sample.hpp"
#include "sdk/sample.hpp"
#include "wire/http_proxy_record.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/litterbox/litterbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

// Every operation in every call style: its record, its error, and where its handler runs.
namespace drukbox::sdk {
namespace {

using drukbox::testing::Answer;
using drukbox::testing::FakeService;

template <class Style>
class EveryOperationTest : public ::testing::Test
{
protected:
    /// `start(token)` gives `expected` when the answer is that, and a SandboxNotFoundError when it is a 404.
    template <class Result, class Start>
    void expect_both_ends(const Answer& answer, const Result& expected, const Start& start)
    {
        service_.answer(answer);
        const auto good = Style::template run<Result>(start);
        EXPECT_EQ(good.failure, nullptr);
        EXPECT_EQ(good.result, expected);
        EXPECT_TRUE(good.on_executor);
        expect_not_found<Result>(start);
    }

    template <class Start>
    void expect_both_ends(const Start& start)
    {
        service_.answer(Answer::empty(204));
        const auto good = Style::template run<Nothing>(start);
        EXPECT_EQ(good.failure, nullptr);
        EXPECT_TRUE(good.result.has_value());
        EXPECT_TRUE(good.on_executor);
        expect_not_found<Nothing>(start);
    }

    FakeService service_;
    SandboxAPI api_{service_.url(), "t"};
    litterbox::SandboxAPI litterbox_{service_.url(), "t"};

private:
    template <class Result, class Start>
    void expect_not_found(const Start& start)
    {
        service_.answer(Answer::json(404, "{}"));
        const auto bad = Style::template run<Result>(start);
        ASSERT_NE(bad.failure, nullptr);
        EXPECT_THROW(std::rethrow_exception(bad.failure), SandboxNotFoundError);
        EXPECT_TRUE(bad.on_executor);
    }
};

TYPED_TEST_SUITE(EveryOperationTest, Styles, StyleNames);

TYPED_TEST(EveryOperationTest, OnHosts)
{
    const SandboxAPI& api = this->api_;
    const auto host = Answer::json(200, sample_json());
    const std::vector<SandboxHost> hosts(2, sample_host());
    this->expect_both_ends(host, sample_host(), [&](auto token) {
        return api.create_host(CreateHostRequest{}.image("x"), std::move(token));
    });
    this->expect_both_ends(host, sample_host(),
                           [&](auto token) { return api.get_host(host_id, std::move(token)); });
    this->expect_both_ends(host, sample_host(),
                           [&](auto token) { return api.attach(host_id, std::move(token)); });
    this->expect_both_ends(Answer::json(200, wire::serialize(hosts)), hosts,
                           [&](auto token) { return api.list_hosts(std::move(token)); });
    this->expect_both_ends(host, sample_host(),
                           [&](auto token) { return api.renew_host(host_id, std::move(token)); });
    this->expect_both_ends(host, sample_host(),
                           [&](auto token) { return api.renew_host(host_id, Lease(), std::move(token)); });
    this->expect_both_ends([&](auto token) { return api.delete_host(host_id, std::move(token)); });
}

TYPED_TEST(EveryOperationTest, OnProxiesAndTheDoctor)
{
    const SandboxAPI& api = this->api_;
    HTTPProxy proxy;
    proxy.name = "github";
    proxy.status = "created";
    HTTPProxyAttachment attachment;
    attachment.name = "github";
    attachment.host_id = host_id;
    attachment.status = "attached";
    DoctorReport report;
    report.ok = true;
    report.active_provider = "local";
    this->expect_both_ends(Answer::json(201, wire::serialize(proxy)), proxy, [&](auto token) {
        return api.create_http_proxy(CreateHTTPProxyRequest{"github", "https://a"}.header("A", "b"),
                                     std::move(token));
    });
    this->expect_both_ends(Answer::json(200, wire::serialize(attachment)), attachment, [&](auto token) {
        return api.attach_http_proxy("github", host_id, std::move(token));
    });
    this->expect_both_ends(
        [&](auto token) { return api.detach_http_proxy("github", host_id, std::move(token)); });
    this->expect_both_ends([&](auto token) { return api.delete_http_proxy("github", std::move(token)); });
    this->expect_both_ends(
        Answer::json(200, R"({"ok":true,"active_provider":"local","tailscale_enabled":false,"checks":[]})"),
        report, [&](auto token) { return api.doctor(std::move(token)); });
}

TYPED_TEST(EveryOperationTest, OfLitterbox)
{
    const litterbox::SandboxAPI& api = this->litterbox_;
    const auto host = Answer::json(200, litterbox_json());
    const std::vector<litterbox::SandboxHost> hosts(2, litterbox_host());
    this->expect_both_ends(host, litterbox_host(), [&](auto token) {
        return api.create_host(litterbox::CreateHostRequest{}.image("x"), std::move(token));
    });
    this->expect_both_ends(host, litterbox_host(),
                           [&](auto token) { return api.get_host(host_id, std::move(token)); });
    this->expect_both_ends(host, litterbox_host(),
                           [&](auto token) { return api.attach(host_id, std::move(token)); });
    this->expect_both_ends(Answer::json(200, "[" + litterbox_json() + "," + litterbox_json() + "]"), hosts,
                           [&](auto token) { return api.list_hosts(std::move(token)); });
    this->expect_both_ends([&](auto token) { return api.delete_host(host_id, std::move(token)); });
}

} // namespace
} // namespace drukbox::sdk
