#include "service/networking/tailscale/tailscale_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace drukbox::service::tailscale {
namespace {

using Names = std::map<std::string, std::string>;

const Names complete{{"TAILSCALE_ENABLED", "true"},
                     {"TAILSCALE_TAILNET", "example.ts.net"},
                     {"TAILSCALE_AUTH_TAGS", "tag:sandbox, tag:ci"},
                     {"TAILSCALE_OAUTH_CLIENT_ID", "id"},
                     {"TAILSCALE_OAUTH_CLIENT_SECRET", "secret"}};

std::optional<TailscaleSettings> load(const Names& names)
{
    Environment environment;
    for (const auto& [name, value] : names) {
        environment.add(name, value);
    }
    return TailscaleSettings::load(environment);
}

std::string refusal(const Names& names)
{
    try {
        static_cast<void>(load(names));
    } catch (const SettingError& error) {
        return error.what();
    }
    return "none";
}

Names with(const std::string& name, const std::string& value)
{
    auto names = complete;
    names[name] = value;
    return names;
}

TEST(TailscaleSettingsTest, AreNotReadUnlessEnabled)
{
    EXPECT_FALSE(load({}));
    EXPECT_FALSE(load({{"TAILSCALE_ENABLED", "false"}, {"TAILSCALE_API_TIMEOUT", "soon"}}));
}

TEST(TailscaleSettingsTest, HaveDefaults)
{
    const auto settings = load(complete).value();
    EXPECT_EQ(settings.api_url, "https://api.tailscale.com");
    EXPECT_EQ(settings.auth_tags, (std::vector<std::string>{"tag:sandbox", "tag:ci"}));
    EXPECT_EQ(settings.api_timeout, std::chrono::seconds{30});
    EXPECT_EQ(settings.discovery_timeout, std::chrono::seconds{180});
    EXPECT_EQ(settings.poll_interval, std::chrono::seconds{2});
}

TEST(TailscaleSettingsTest, NameTheOneThatIsMissing)
{
    for (const std::string name : {"TAILSCALE_TAILNET", "TAILSCALE_AUTH_TAGS", "TAILSCALE_OAUTH_CLIENT_ID",
                                   "TAILSCALE_OAUTH_CLIENT_SECRET"}) {
        EXPECT_EQ(refusal(with(name, "")), name + ": should be set, since TAILSCALE_ENABLED is");
    }
}

TEST(TailscaleSettingsTest, RefuseWhatCannotBe)
{
    EXPECT_THAT(refusal(with("TAILSCALE_TAILNET", "-")), testing::StartsWith("TAILSCALE_TAILNET: should be"));
    EXPECT_THAT(refusal(with("TAILSCALE_TAILNET", "a/b")),
                testing::StartsWith("TAILSCALE_TAILNET: should be"));
    EXPECT_THAT(refusal(with("TAILSCALE_AUTH_TAGS", "sandbox")),
                testing::StartsWith("TAILSCALE_AUTH_TAGS: should be"));
    EXPECT_THAT(refusal(with("TAILSCALE_API_TIMEOUT", "0")),
                testing::StartsWith("TAILSCALE_API_TIMEOUT: should be"));
    for (const auto* url : {"api.tailscale.com", "https://", "https://a:b@host", "https://host/?x"}) {
        EXPECT_THAT(refusal(with("TAILSCALE_API_URL", url)),
                    testing::StartsWith("TAILSCALE_API_URL: should be"));
    }
}

TEST(TailscaleSettingsTest, TakeAnotherEndpoint)
{
    EXPECT_EQ(load(with("TAILSCALE_API_URL", "http://127.0.0.1:8080/"))->api_url, "http://127.0.0.1:8080");
}

} // namespace
} // namespace drukbox::service::tailscale
