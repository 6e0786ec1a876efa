#include "wire/host_list.hpp"
#include "wire/host_record.hpp"

#include <boost/json.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

namespace drukbox::wire {
namespace {

std::vector<SandboxHost> some_hosts(std::size_t count)
{
    std::vector<SandboxHost> hosts(count);
    for (std::size_t i = 0; i < count; ++i) {
        SandboxHost& host = hosts[i];
        host.id = "id-" + std::to_string(i);
        host.known_hosts = std::string(i % 50, 'k') + "\n\"\\\xe2\x82\xac";
        host.external_ssh_port = static_cast<std::uint16_t>(i);
        if (i % 2 == 0) {
            host.disk_gb = static_cast<std::int64_t>(i);
            host.expires_at = "2026-06-01T12:00:00Z";
        }
    }
    return hosts;
}

std::string shape_error_of(std::string_view text)
{
    try {
        (void)read_hosts(text);
    } catch (const ShapeError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(HostListTest, ReadsWhatWasWritten)
{
    for (const std::size_t count : {0, 1, 2, 1000}) {
        const auto hosts = some_hosts(count);
        EXPECT_EQ(read_hosts(serialize(hosts)), hosts);
    }
}

TEST(HostListTest, TakesWhitespaceAndUnknownKeysOfAnyShape)
{
    std::string text = serialize(some_hosts(1));
    text.insert(2, R"( "future" : [ {"a":[1,2.5,[],{}]} , null , true ] , "other":{"id":{"deep":[[]]}}, )");
    EXPECT_EQ(read_hosts(" \r\n" + text + "\n"), some_hosts(1));
}

TEST(HostListTest, WhatIsNoArrayIsAShapeError)
{
    for (const char* text :
         {"{}", "null", "1", "-1.5", "18446744073709551615", "\"x\"", "true", "{\"a\":[]}"}) {
        EXPECT_EQ(shape_error_of(text), "hosts: expected an array") << text;
    }
}

TEST(HostListTest, AnElementThatIsNoHostIsAShapeError)
{
    for (const char* text :
         {"[null]", "[1]", "[18446744073709551615]", "[2.5]", "[\"x\"]", "[false]", "[[]]", "[[{}]]"}) {
        EXPECT_EQ(shape_error_of(text), "host: expected an object") << text;
    }
    EXPECT_EQ(shape_error_of("[{}]"), "host: id: is missing");
}

TEST(HostListTest, EveryPrefixOfAListIsRefused)
{
    const std::string text = serialize(some_hosts(2));
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_THROW((void)read_hosts(std::string_view{text}.substr(0, length)), boost::system::system_error)
            << length;
    }
}

TEST(HostListTest, WhatIsNotJsonIsRefused)
{
    for (const char* text : {"", " ", "<html>", "[", "[]]", "[] []", "[,]", "[\"\xff\"]", "[nul]"}) {
        EXPECT_THROW((void)read_hosts(text), boost::system::system_error) << text;
    }
    EXPECT_THROW((void)read_hosts(std::string(100'000, '[')), boost::system::system_error);
}

TEST(HostListTest, LongStringsThatTheParserDeliversInPartsAreWhole)
{
    auto hosts = some_hosts(3);
    hosts[1].last_error = std::string(100'000, 'e') + "\n" + std::string(100'000, 'f');
    EXPECT_EQ(read_hosts(serialize(hosts)), hosts);
}

} // namespace
} // namespace drukbox::wire
