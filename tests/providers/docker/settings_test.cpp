#include "service/providers/docker/docker_provider.hpp"
#include "service/providers/docker/docker_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::docker {
namespace {

DockerSettings load(const std::map<std::string, std::string>& values)
{
    Environment environment;
    for (const auto& [name, value] : values) {
        environment.add(name, value);
    }
    return DockerSettings::load(environment, "label");
}

TEST(DockerSettingsTest, ReadTheHostInEveryForm)
{
    EXPECT_EQ(load({{"DOCKER_HOST", "unix:///run/x.sock"}}).endpoint.unix_socket, "/run/x.sock");
    EXPECT_EQ(load({{"DOCKER_HOST", "tcp://127.0.0.1:2375/"}}).endpoint.url, "http://127.0.0.1:2375");
    const auto tls =
        load({{"DOCKER_HOST", "tcp://h:2376"}, {"DOCKER_TLS_VERIFY", "1"}, {"DOCKER_CERT_PATH", "/c"}});
    EXPECT_EQ(tls.endpoint.url, "https://h:2376");
    EXPECT_EQ(tls.endpoint.ca_file, "/c/ca.pem");
}

TEST(DockerSettingsTest, NameTheVariableThatIsMalformed)
{
    for (const auto& [name, value] : std::map<std::string, std::string>{{"DOCKER_HOST", "ssh://host"},
                                                                        {"DOCKER_MEMORY_MB", "much"},
                                                                        {"DOCKER_CPUS", "-1"},
                                                                        {"DOCKER_PIDS", "1.5"},
                                                                        {"DOCKER_SSH_USERNAME", "a b"},
                                                                        {"DOCKER_API_TIMEOUT", "0"}}) {
        try {
            load({{name, value}});
            ADD_FAILURE() << name;
        } catch (const SettingError& error) {
            EXPECT_THAT(error.what(), testing::StartsWith(name + ": should be"));
        }
    }
    for (const auto* host :
         {"unix://relative", "tcp://host", "tcp://h:1/path", "http://h:1", "/run/x.sock"}) {
        EXPECT_THROW(load({{"DOCKER_HOST", host}}), SettingError) << host;
    }
}

TEST(DockerSettingsTest, AskForTheProviderByDefaultOrByName)
{
    const auto asked = [](const char* default_provider, const char* name) {
        Environment environment;
        environment.add(name, name == std::string{"DOCKER_HOST"} ? "unix:///x" : "x");
        ProviderBasics basics;
        basics.default_provider = default_provider;
        return configure(environment, basics).has_value();
    };
    EXPECT_TRUE(asked("docker", "HOME"));
    EXPECT_TRUE(asked("local", "DOCKER_HOST"));
    EXPECT_TRUE(asked("local", "DOCKER_DEFAULT_IMAGE"));
    EXPECT_FALSE(asked("local", "HOME"));
}

} // namespace
} // namespace drukbox::service::docker
