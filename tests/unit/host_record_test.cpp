#include "sdk/sample.hpp"
#include "wire/host_record.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace drukbox::wire {
namespace {

namespace json = boost::json;
using sdk::full_host;
using testing::HasSubstr;

constexpr std::array keys = {"id",
                             "name",
                             "status",
                             "provider",
                             "image",
                             "instance_type",
                             "disk_gb",
                             "external_ssh_host",
                             "external_ssh_port",
                             "ssh_username",
                             "internal_ssh_host",
                             "known_hosts",
                             "tailscale_device_id",
                             "private_key",
                             "last_error",
                             "created_at",
                             "updated_at",
                             "activated_at",
                             "expires_at"};

constexpr std::array newer_keys = {"instance_type", "disk_gb", "ssh_username", "private_key"};

std::string shape_error_of(const json::value& value)
{
    try {
        (void)parse_host(value);
    } catch (const ShapeError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(HostRecordTest, AnEmptyHostGoesOutWithExactlyTheKeysOfTheContractInOrder)
{
    EXPECT_EQ(
        serialize(SandboxHost{}),
        R"({"id":"","name":"","status":"","provider":"","image":"","instance_type":null,"disk_gb":null,)"
        R"("external_ssh_host":"","external_ssh_port":22,"ssh_username":"","internal_ssh_host":null,)"
        R"("known_hosts":"","tailscale_device_id":null,"private_key":null,"last_error":"",)"
        R"("created_at":"","updated_at":"","activated_at":null,"expires_at":null})");
}

TEST(HostRecordTest, EveryKeyGoesBothWays)
{
    const SandboxHost host = full_host();
    const json::value sent = json::parse(serialize(host));
    ASSERT_EQ(sent.as_object().size(), keys.size());
    for (const char* key : keys) {
        EXPECT_TRUE(sent.as_object().contains(key)) << key;
    }
    EXPECT_EQ(parse_host(sent), host);
    EXPECT_EQ(parse_host(json::parse(serialize(SandboxHost{}))), SandboxHost{});
}

TEST(HostRecordTest, AListGoesBothWays)
{
    const std::vector<SandboxHost> hosts{full_host(), SandboxHost{}, full_host()};
    EXPECT_EQ(parse_hosts(json::parse(serialize(hosts))), hosts);
    EXPECT_EQ(serialize(std::vector<SandboxHost>{}), "[]");
    EXPECT_TRUE(parse_hosts(json::parse("[]")).empty());
}

TEST(HostRecordTest, UnknownKeysAreIgnored)
{
    json::value record = json::parse(serialize(full_host()));
    record.as_object()["future_field"] = json::object{{"id", 42}};
    EXPECT_EQ(parse_host(record), full_host());
}

TEST(HostRecordTest, TheFifteenKeysOfAnOlderServiceAreEnough)
{
    json::value record = json::parse(serialize(full_host()));
    SandboxHost expected = full_host();
    for (const char* key : newer_keys) {
        record.as_object().erase(key);
    }
    expected.instance_type.reset();
    expected.disk_gb.reset();
    expected.ssh_username.clear();
    expected.private_key.reset();
    ASSERT_EQ(record.as_object().size(), 15U);
    EXPECT_EQ(parse_host(record), expected);
}

TEST(HostRecordTest, AnyOtherMissingKeyIsNamed)
{
    for (const char* key : keys) {
        json::value record = json::parse(serialize(full_host()));
        record.as_object().erase(key);
        if (std::ranges::find(newer_keys, std::string_view{key}) != newer_keys.end()) {
            EXPECT_EQ(shape_error_of(record), "accepted") << key;
        } else {
            EXPECT_EQ(shape_error_of(record), std::string{"host: "} + key + ": is missing");
        }
    }
}

TEST(HostRecordTest, AWrongTypeOfAnyKeyIsNamed)
{
    const json::array wrong{true, json::object{}, json::array{}, 1.5, "text", 7};
    for (const std::string_view key : keys) {
        const bool is_integer = key == "disk_gb" || key == "external_ssh_port";
        for (const json::value& value : wrong) {
            json::value record = json::parse(serialize(full_host()));
            record.as_object()[key] = value;
            const bool fits = is_integer ? value.is_int64() : value.is_string();
            if (fits) {
                EXPECT_EQ(shape_error_of(record), "accepted") << key;
            } else {
                EXPECT_THAT(shape_error_of(record),
                            HasSubstr(std::string{"host: "}.append(key) + ": expected"))
                    << value;
            }
        }
    }
}

TEST(HostRecordTest, NullIsAcceptedOnlyWhereTheContractHasIt)
{
    for (const std::string_view key : keys) {
        json::value record = json::parse(serialize(full_host()));
        record.as_object()[key] = nullptr;
        const bool nullable = key == "instance_type" || key == "disk_gb" || key == "internal_ssh_host" ||
                              key == "tailscale_device_id" || key == "private_key" || key == "activated_at" ||
                              key == "expires_at" || key == "ssh_username";
        if (nullable) {
            EXPECT_EQ(shape_error_of(record), "accepted") << key;
        } else {
            EXPECT_THAT(shape_error_of(record), HasSubstr(key));
        }
    }
}

TEST(HostRecordTest, AWholeNumberMayComeInAnyJsonSpelling)
{
    for (const json::value& port :
         {json::value(std::int64_t{2222}), json::value(std::uint64_t{2222}), json::value(2222.0)}) {
        json::value record = json::parse(serialize(full_host()));
        record.as_object()["external_ssh_port"] = port;
        record.as_object()["disk_gb"] = port;
        const SandboxHost host = parse_host(record);
        EXPECT_EQ(host.external_ssh_port, 2222);
        EXPECT_EQ(host.disk_gb, 2222);
    }
}

TEST(HostRecordTest, APortOutOfRangeIsNamed)
{
    for (const char* port : {"-1", "65536", "4294967318", "18446744073709551615", "1e300", "22.5"}) {
        json::value record = json::parse(serialize(full_host()));
        record.as_object()["external_ssh_port"] = json::parse(port);
        EXPECT_THAT(shape_error_of(record), HasSubstr("external_ssh_port: expected an integer")) << port;
    }
}

TEST(HostRecordTest, WhatIsNotAnObjectIsNotAHost)
{
    for (const char* text : {"null", "[]", "1", "\"id\"", "true"}) {
        EXPECT_EQ(shape_error_of(json::parse(text)), "host: expected an object") << text;
    }
    EXPECT_THROW((void)parse_hosts(json::parse("{}")), ShapeError);
    EXPECT_THROW((void)parse_hosts(json::parse("[null]")), ShapeError);
}

TEST(HostRecordTest, TextThatIsNotUtf8NeverGoesOut)
{
    SandboxHost host;
    host.last_error = "provider said \xff\xfe";
    EXPECT_EQ(parse_host(json::parse(serialize(host))).last_error, "provider said \xef\xbf\xbd\xef\xbf\xbd");
}

} // namespace
} // namespace drukbox::wire
