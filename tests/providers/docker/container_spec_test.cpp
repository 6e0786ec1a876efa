#include "service/providers/docker/container_spec.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace drukbox::service::docker {
namespace {

VmSpec some_spec()
{
    VmSpec spec;
    spec.name = "sb-1";
    spec.image = "image";
    spec.authorized_key = "ssh-ed25519 AAAA";
    return spec;
}

std::string refusal(const VmSpec& spec)
{
    try {
        static_cast<void>(container_spec(DockerSettings{}, spec));
    } catch (const ProviderError& error) {
        return error.what();
    }
    return "none";
}

TEST(ContainerSpecTest, LimitsByInstanceTypeBeforeTheSettings)
{
    EXPECT_EQ(parse_instance_type("2x4g").nano_cpus, 2'000'000'000);
    EXPECT_EQ(parse_instance_type("2x4g").memory_bytes, std::int64_t{4} << 30);
    EXPECT_EQ(parse_instance_type("0.5x512m").nano_cpus, 500'000'000);
    EXPECT_EQ(parse_instance_type("0.5x512m").memory_bytes, std::int64_t{512} << 20);
    auto spec = some_spec();
    spec.instance_type = "1x1g";
    const auto body = container_spec(DockerSettings{}, spec);
    const auto& host = body.at("HostConfig");
    EXPECT_EQ(host.at("Memory").as_int64(), std::int64_t{1} << 30);
    EXPECT_EQ(host.at("NanoCpus").as_int64(), 1'000'000'000);
    EXPECT_EQ(host.at("PidsLimit").to_number<int>(), 512);
}

TEST(ContainerSpecTest, RefusesOtherInstanceTypes)
{
    for (const auto* text : {"", "x", "2x", "2x4", "2x4t", "2x4gb", "x4g", "-1x4g", "0x4g", "2x0g", "2x-4g",
                             "nanx1g", "infx1g", "1e3x1g", "2x99999999999999999999g", "2x4g\n", "m5.large"}) {
        EXPECT_THROW(static_cast<void>(parse_instance_type(text)), ProviderError) << text;
    }
}

TEST(DockerDefaultInstanceType, IsWhatARequestWouldNameForTheSame)
{
    DockerSettings settings;
    for (const auto& [cpus, memory_mb, type] :
         std::vector<std::tuple<double, std::uint64_t, std::string>>{{2, 4096, "2x4g"},
                                                                     {0.5, 512, "0.5x512m"},
                                                                     {1.25, 1536, "1.25x1536m"},
                                                                     {4096, 1 << 30, "4096x1048576g"}}) {
        settings.cpus = cpus;
        settings.memory_mb = memory_mb;
        ASSERT_EQ(default_instance_type(settings), type);
        const Limits named = parse_instance_type(type);
        EXPECT_EQ(named.nano_cpus, std::llround(cpus * 1e9));
        EXPECT_EQ(named.memory_bytes, static_cast<std::int64_t>(memory_mb) << 20);
    }
}

TEST(DockerDefaultInstanceType, IsNoneWhereSomethingHasNoLimit)
{
    DockerSettings settings;
    EXPECT_EQ(default_instance_type(settings), std::nullopt);
    settings.cpus = 2;
    settings.memory_mb = 0;
    EXPECT_EQ(default_instance_type(settings), std::nullopt);
    settings.cpus = 0.001;
    settings.memory_mb = 1024;
    EXPECT_EQ(default_instance_type(settings), std::nullopt);
}

TEST(ContainerSpecTest, GivesNoPrivilegeBeyondASmallSet)
{
    const auto body = container_spec(DockerSettings{}, some_spec());
    const auto& host = body.at("HostConfig").as_object();
    EXPECT_EQ(boost::json::serialize(host.at("CapDrop")), R"(["ALL"])");
    EXPECT_EQ(boost::json::serialize(host.at("SecurityOpt")), R"(["no-new-privileges"])");
    EXPECT_EQ(boost::json::serialize(host.at("PortBindings")),
              R"({"22/tcp":[{"HostIp":"127.0.0.1","HostPort":""}]})");
    EXPECT_FALSE(host.contains("Privileged"));
    EXPECT_FALSE(host.contains("Binds"));
}

TEST(ContainerSpecTest, RefusesWhatAContainerCannotCarryWithoutShowingIt)
{
    auto reserved = some_spec();
    reserved.env["DRUKBOX_ENV_KEYS"] = Redacted{"x"};
    EXPECT_EQ(refusal(reserved), "docker reserves the variable DRUKBOX_ENV_KEYS for itself");
    auto key = some_spec();
    key.env["DRUKBOX_AUTHORIZED_KEY"] = Redacted{"x"};
    EXPECT_EQ(refusal(key), "docker reserves the variable DRUKBOX_AUTHORIZED_KEY for itself");
    auto nul = some_spec();
    nul.env["A"] = Redacted{std::string{"se\0cret", 7}};
    EXPECT_EQ(refusal(nul), "docker cannot carry the NUL in the value of the variable A");
}

TEST(ContainerSpecTest, NamesTheCallersVariables)
{
    auto spec = some_spec();
    spec.env["B"] = Redacted{"two\nlines"};
    spec.env["A"] = Redacted{""};
    const auto body = container_spec(DockerSettings{}, spec);
    EXPECT_EQ(boost::json::serialize(body.at("Env")),
              R"(["A=","B=two\nlines","DRUKBOX_AUTHORIZED_KEY=ssh-ed25519 AAAA","DRUKBOX_ENV_KEYS=A B"])");
}

} // namespace
} // namespace drukbox::service::docker
