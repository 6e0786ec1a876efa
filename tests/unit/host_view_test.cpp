#include "sdk/sample.hpp"
#include "wire/host_record.hpp"
#include "wire/host_view.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace drukbox::wire {
namespace {

std::string keys(HostView view, const std::optional<std::string>& service_account)
{
    std::string text;
    append(text, view, sdk::full_host(), service_account);
    const auto record = boost::json::parse(text);
    std::string found;
    for (const auto& member : record.as_object()) {
        found += std::string{member.key()} + " ";
    }
    return found;
}

TEST(HostViewTest, ShowsThePlainRecordWithTheAccountAfterTheName)
{
    EXPECT_EQ(keys(HostView::plain, "admin"),
              "id name service_account status provider image instance_type disk_gb external_ssh_host "
              "external_ssh_port ssh_username internal_ssh_host known_hosts tailscale_device_id private_key "
              "last_error created_at updated_at activated_at expires_at ");
    std::string text;
    append(text, HostView::plain, SandboxHost{}, "admin");
    EXPECT_EQ(boost::json::parse(text).at("service_account"), "admin");
    text.clear();
    append(text, HostView::plain, SandboxHost{}, std::nullopt);
    EXPECT_TRUE(boost::json::parse(text).at("service_account").is_null());
}

TEST(HostViewTest, ShowsTheRecordOfVersion02WithoutTheAccount)
{
    std::string text;
    append(text, HostView::v0_2, sdk::full_host(), "admin");
    EXPECT_EQ(text, serialize(sdk::full_host()));
}

TEST(HostViewTest, ShowsLitterboxTheUnionOfItsKeys)
{
    EXPECT_EQ(keys(HostView::litterbox, "admin"),
              "id name status provider image ssh_host ssh_port known_hosts tailscale_device_id last_error "
              "announce_token_used announced_at created_at updated_at activated_at expires_at ");
}

TEST(HostViewTest, FindsTheViewOfATarget)
{
    const std::vector<std::pair<std::string, std::pair<HostView, std::string>>> cases{
        {"/hosts?limit=1", {HostView::plain, "/hosts?limit=1"}},
        {"/v0.2/hosts?limit=1", {HostView::v0_2, "/hosts?limit=1"}},
        {"/litterbox/hosts/x", {HostView::litterbox, "/hosts/x"}},
        {"/v0.2", {HostView::plain, "/v0.2"}},
        {"/v0.20/hosts", {HostView::plain, "/v0.20/hosts"}},
        {"/litterbox?/hosts", {HostView::plain, "/litterbox?/hosts"}},
        {"", {HostView::plain, ""}},
    };
    for (const auto& [target, expected] : cases) {
        const auto [view, rest] = take_prefix(target);
        EXPECT_EQ(view, expected.first) << target;
        EXPECT_EQ(rest, expected.second) << target;
    }
}

TEST(HostViewTest, HasForLitterboxOnlyTheRoutesOfHosts)
{
    for (const std::string path : {"/hosts", "/hosts/{host_id}", "/hosts/{}"}) {
        EXPECT_TRUE(has_route(HostView::litterbox, path)) << path;
    }
    for (const std::string path :
         {"/hosts/{host_id}/renew", "/doctor", "/http-proxies", "/http-proxies/{name}",
          "/http-proxies/{name}/hosts/{host_id}", "/hostsx", "/hostsx/y"}) {
        EXPECT_FALSE(has_route(HostView::litterbox, path)) << path;
        EXPECT_TRUE(has_route(HostView::v0_2, path)) << path;
        EXPECT_TRUE(has_route(HostView::plain, path)) << path;
    }
}

} // namespace
} // namespace drukbox::wire
