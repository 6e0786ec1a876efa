#include "service/providers/hetzner/hetzner_provider.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::hetzner {
namespace {

Environment environment(const std::vector<std::pair<std::string, std::string>>& values)
{
    Environment result;
    for (const auto& [name, value] : values) {
        result.add(name, value);
    }
    return result;
}

ProviderBasics basics(const std::string& default_provider)
{
    ProviderBasics result;
    result.service_label = "drukbox";
    result.default_provider = default_provider;
    return result;
}

TEST(HetznerSettingsTest, HasTheDefaultsOfItsDocumentation)
{
    const auto settings = HetznerSettings::load({}, "drukbox");
    EXPECT_EQ(settings.api_url, "https://api.hetzner.cloud/v1");
    EXPECT_EQ(settings.default_image, "ubuntu-24.04");
    EXPECT_EQ(settings.server_type, "cx23");
    EXPECT_EQ(settings.api_timeout, std::chrono::seconds{30});
    EXPECT_EQ(settings.ready_timeout, std::chrono::seconds{120});
    EXPECT_EQ(settings.ssh_username, "root");
    EXPECT_FALSE(settings.scan_host_keys);
}

TEST(HetznerSettingsTest, StopsTheStartOverWhatIsMalformed)
{
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"HETZNER_API_URL", "api.hetzner.cloud"},
             {"HETZNER_API_URL", "ftp://x"},
             {"HETZNER_API_URL", "https://"},
             {"HETZNER_API_URL", "https://user@x"},
             {"HETZNER_API_URL", "https://x/?y"},
             {"HETZNER_API_TOKEN", "two words"},
             {"HETZNER_API_TIMEOUT", "soon"},
             {"HETZNER_BOOTSTRAP_SSH_TIMEOUT_SECONDS", "0"},
             {"HETZNER_SSH_USERNAME", "-oProxyCommand=x"},
             {"HETZNER_SCAN_HOST_KEYS", "perhaps"},
         }) {
        try {
            static_cast<void>(configure(environment({{name, value}}), basics("local")));
            ADD_FAILURE() << name << "=" << value;
        } catch (const SettingError& error) {
            EXPECT_THAT(error.what(), testing::StartsWith(name + ": ")) << value;
            EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("two words")));
        }
    }
}

TEST(HetznerSettingsTest, IsThereWhenItIsTheDefaultOrHasAToken)
{
    EXPECT_FALSE(configure(environment({{"HETZNER_LOCATION", "fsn1"}}), basics("local")));
    EXPECT_TRUE(configure(environment({{"HETZNER_API_TOKEN", "x"}}), basics("local")));
    EXPECT_TRUE(configure({}, basics("hetzner")));
}

TEST(HetznerSettingsTest, WarnsAndRefusesWithoutTokenOrLocation)
{
    boost::asio::io_context reactor;
    boost::asio::thread_pool blocking{1};
    for (const auto& [values, missing] :
         std::vector<std::pair<std::vector<std::pair<std::string, std::string>>, std::string>>{
             {{{"HETZNER_LOCATION", "fsn1"}}, "HETZNER_API_TOKEN"},
             {{{"HETZNER_API_TOKEN", "x"}}, "HETZNER_LOCATION"}}) {
        const auto maker = configure(environment(values), basics("hetzner"));
        ASSERT_TRUE(maker);
        const auto provider = (*maker)(reactor.get_executor(), blocking, "");
        EXPECT_THAT(provider->warnings(),
                    testing::ElementsAre("hetzner needs " + missing + ", which is not set"));
        EXPECT_TRUE(provider->capabilities().instance_type);
        EXPECT_FALSE(provider->capabilities().disk_gb);
    }
}

} // namespace
} // namespace drukbox::service::hetzner
