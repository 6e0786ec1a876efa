#include "sdk/config_check.hpp"

#include <drukbox/sandbox_config.hpp>
#include <drukbox/sandbox_error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>

namespace drukbox {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string usage_error_of(const std::function<void()>& action)
{
    try {
        action();
    } catch (const SandboxUsageError& error) {
        EXPECT_EQ(error.status(), 0);
        EXPECT_FALSE(error.retryable());
        return error.what();
    }
    return "accepted";
}

/// Environment variables under a prefix of their own, removed at the end.
class FromEnvTest : public ::testing::Test
{
protected:
    ~FromEnvTest() override
    {
        for (const char* name : {"URL", "TOKEN", "TIMEOUT"}) {
            ::unsetenv((prefix_ + "SERVICE_" + name).c_str());
        }
        ::unsetenv("DRUKBOX_ALLOW_PLAIN_HTTP");
    }

    void set(const std::string& name, const std::string& value)
    {
        ASSERT_EQ(::setenv((prefix_ + "SERVICE_" + name).c_str(), value.c_str(), 1), 0);
    }

    void set_all()
    {
        set("URL", "https://from-env.test");
        set("TOKEN", "env-token");
    }

    [[nodiscard]] std::string error() const
    {
        return usage_error_of([this] { (void)SandboxConfig::from_env(prefix_); });
    }

    const std::string prefix_ = "FROM_ENV_TEST_";
};

TEST_F(FromEnvTest, ReadsThePrefixedVariables)
{
    set_all();
    set("TIMEOUT", "60");
    const SandboxConfig config = SandboxConfig::from_env(prefix_);
    EXPECT_EQ(config.base_url, "https://from-env.test");
    EXPECT_EQ(config.token, "env-token");
    EXPECT_EQ(config.timeout, 60s);
}

TEST_F(FromEnvTest, TheTimeoutIsFiveMinutesWhenUnset)
{
    set_all();
    EXPECT_EQ(SandboxConfig::from_env(prefix_).timeout, 300s);
    set("TIMEOUT", "");
    EXPECT_EQ(SandboxConfig::from_env(prefix_).timeout, 300s);
}

TEST_F(FromEnvTest, ATimeoutMayHaveAFraction)
{
    set_all();
    set("TIMEOUT", "0.25");
    EXPECT_EQ(SandboxConfig::from_env(prefix_).timeout, 250ms);
    set("TIMEOUT", "0.0001");
    EXPECT_EQ(SandboxConfig::from_env(prefix_).timeout, 1ms);
}

TEST_F(FromEnvTest, DropsTheTrailingSlash)
{
    set_all();
    set("URL", "https://trailing.test/");
    EXPECT_EQ(SandboxConfig::from_env(prefix_).base_url, "https://trailing.test");
}

TEST_F(FromEnvTest, AMissingOrEmptyVariableIsNamed)
{
    EXPECT_THAT(error(), StartsWith("FROM_ENV_TEST_SERVICE_URL is not set"));
    set("URL", "");
    EXPECT_THAT(error(), StartsWith("FROM_ENV_TEST_SERVICE_URL is not set"));
    set("URL", "https://a");
    EXPECT_THAT(error(), StartsWith("FROM_ENV_TEST_SERVICE_TOKEN is not set"));
    set("TOKEN", "");
    EXPECT_THAT(error(), StartsWith("FROM_ENV_TEST_SERVICE_TOKEN is not set"));
}

TEST_F(FromEnvTest, AMalformedVariableIsNamed)
{
    set_all();
    set("URL", "sandbox.test");
    EXPECT_THAT(error(), StartsWith("FROM_ENV_TEST_SERVICE_URL should be"));
    set_all();
    set("TOKEN", "secret\n");
    EXPECT_THAT(error(), StartsWith("FROM_ENV_TEST_SERVICE_TOKEN must not contain"));
    EXPECT_THAT(error(), Not(HasSubstr("secret")));
    for (const char* timeout :
         {"abc", "5m", "-1", "nan", "inf", "1e3", " 5", "5 ", "0x10", "1e999", "99999999999"}) {
        set_all();
        set("TIMEOUT", timeout);
        EXPECT_THAT(error(), StartsWith("FROM_ENV_TEST_SERVICE_TIMEOUT should be")) << timeout;
    }
}

TEST_F(FromEnvTest, AllowsPlainHttpWhereItIsAskedForByName)
{
    constexpr const char* name = "DRUKBOX_ALLOW_PLAIN_HTTP";
    set_all();
    EXPECT_FALSE(SandboxConfig::from_env(prefix_).allow_plain_http);
    ::setenv(name, "1", 1);
    EXPECT_TRUE(SandboxConfig::from_env(prefix_).allow_plain_http);
    ::setenv(name, "0", 1);
    EXPECT_FALSE(SandboxConfig::from_env(prefix_).allow_plain_http);
    ::setenv(name, "yes", 1);
    EXPECT_THAT(error(), StartsWith("DRUKBOX_ALLOW_PLAIN_HTTP should be"));
}

TEST(ConfigTest, HasTheContractsDefaults)
{
    const SandboxConfig config{"http://localhost", "t"};
    EXPECT_EQ(config.timeout, 300s);
    EXPECT_EQ(config.max_connections, 20U);
    EXPECT_EQ(config.max_idle_connections, 5U);
    EXPECT_FALSE(config.insecure_skip_tls_verification);
}

TEST(ConfigTest, GoodUrlsAreTakenWithoutTheirTrailingSlashes)
{
    const auto normal = [](const char* url) { return sdk::checked(SandboxConfig{url, "t"}).base_url; };
    EXPECT_EQ(normal("http://localhost:8780"), "http://localhost:8780");
    EXPECT_EQ(normal("HTTPS://Sandbox.Test//"), "HTTPS://Sandbox.Test");
    EXPECT_EQ(normal("https://host/litterbox/"), "https://host/litterbox");
    EXPECT_EQ(normal("http://[::1]:8780/"), "http://[::1]:8780");
    EXPECT_EQ(normal("https://[fe80::1]"), "https://[fe80::1]");
}

TEST(ConfigTest, ATokenGoesUnencryptedToThisMachineOnly)
{
    const auto error_with = [](const std::function<void(SandboxConfig&)>& change) {
        SandboxConfig config{"https://sandbox.test", "t"};
        change(config);
        return usage_error_of([&] { (void)sdk::checked(config); });
    };
    for (const char* url :
         {"http://localhost", "HTTP://LOCALHOST:8780/v0.2", "http://127.0.0.1:8780", "http://127.8.9.1",
          "http://[::1]:8780", "http://[::ffff:127.0.0.1]", "http://0.0.0.0:8780", "http://[::]:8780",
          "https://sandbox.test", "https://192.0.2.7"}) {
        EXPECT_EQ(error_with([url](SandboxConfig& c) { c.base_url = url; }), "accepted") << url;
    }
    for (const char* url :
         {"http://sandbox.test", "HTTP://sandbox.test", "http://192.0.2.7", "http://10.0.0.1:8780",
          "http://[fe80::1]", "http://[2001:db8::1]:8780", "http://localhost.test", "http://127.0.0.1.test",
          "http://127.1", "http://2130706433", "http://[::ffff:192.0.2.7]"}) {
        EXPECT_THAT(error_with([url](SandboxConfig& c) { c.base_url = url; }),
                    StartsWith("base_url is plain http:// to another machine"))
            << url;
        EXPECT_EQ(error_with([url](SandboxConfig& c) {
                      c.base_url = url;
                      c.allow_plain_http = true;
                  }),
                  "accepted");
        EXPECT_EQ(error_with([url](SandboxConfig& c) {
                      c.base_url = url;
                      c.unix_socket = "/run/drukbox.sock";
                  }),
                  "accepted");
    }
}

TEST(ConfigTest, ATokenGoesUnencryptedThroughNoProxyElsewhere)
{
    SandboxConfig config{"http://127.0.0.1:8780", "t"};
    for (const char* proxy :
         {"http://proxy.test:3128", "https://user:secret@proxy.test", "socks5h://192.0.2.7:1080"}) {
        config.proxy = proxy;
        EXPECT_THAT(usage_error_of([&] { (void)sdk::checked(config); }),
                    StartsWith("proxy is on another machine"));
    }
    for (const char* proxy :
         {"http://127.0.0.1:3128", "http://user:secret@localhost:3128", "socks5://[::1]:1080"}) {
        config.proxy = proxy;
        EXPECT_EQ(usage_error_of([&] { (void)sdk::checked(config); }), "accepted") << proxy;
    }
    config.base_url = "https://sandbox.test";
    config.proxy = "http://proxy.test:3128";
    EXPECT_EQ(usage_error_of([&] { (void)sdk::checked(config); }), "accepted");
}

TEST(ConfigTest, BadUrlsAreRefusedByName)
{
    for (const char* url : {"",
                            "localhost",
                            "localhost:8780",
                            "ftp://host",
                            "http://",
                            "http:///hosts",
                            "http:/host",
                            "https://host:",
                            "https://host:0",
                            "https://host:65536",
                            "https://host:8a",
                            "https://:80",
                            "http://[::1",
                            "http://[]",
                            "http://[::1]x",
                            "http://ho st",
                            "http://host\n",
                            "http://h\xc3\xb6st",
                            "http://host?x",
                            "http://host/#x",
                            "http://user@host",
                            "http://user:pass@host"}) {
        EXPECT_THAT(usage_error_of([url] { (void)sdk::checked(SandboxConfig{url, "t"}); }),
                    StartsWith("base_url "))
            << url;
    }
}

TEST(ConfigTest, APasswordInAUrlIsNotShown)
{
    for (const char* url : {"http://user:hunter2@host", "http://user:hunter2@host?x", "user:hunter2@host"}) {
        EXPECT_THAT(usage_error_of([url] { (void)sdk::checked(SandboxConfig{url, "t"}); }),
                    Not(HasSubstr("hunter2")));
    }
}

TEST(ConfigTest, ATokenThatIsNoHeaderValueIsRefusedWithoutShowingIt)
{
    for (const char* token : {"", "secret\r\nX: y", "secret\n", " secret", "sec ret", "secret\x7f",
                              "s\xc3\xa9"
                              "cret"}) {
        const auto error = usage_error_of([token] { (void)sdk::checked(SandboxConfig{"https://a", token}); });
        EXPECT_THAT(error, StartsWith("token "));
        EXPECT_THAT(error, Not(HasSubstr("sec")));
    }
}

TEST(ConfigTest, WhatIsOutOfRangeIsNamed)
{
    const auto error_with = [](const std::function<void(SandboxConfig&)>& change) {
        SandboxConfig config{"https://a", "t"};
        change(config);
        return usage_error_of([&] { (void)sdk::checked(config); });
    };
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.timeout = -1ms; }), StartsWith("timeout "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.connect_timeout = -1ms; }),
                StartsWith("connect_timeout "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.max_connections = 0; }), StartsWith("max_connections "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.max_idle_connections = 21; }),
                StartsWith("max_idle_connections "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.client_key = "k.pem"; }), StartsWith("client_key "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.user_agent = "a\r\nb"; }), StartsWith("user_agent "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.timeout = std::chrono::milliseconds::max(); }),
                StartsWith("timeout "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.connect_timeout = 24h * 367; }),
                StartsWith("connect_timeout "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.ca_file.push_back('\0'); }), StartsWith("ca_file "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.unix_socket.push_back('\0'); }),
                StartsWith("unix_socket "));
    EXPECT_THAT(error_with([](SandboxConfig& c) { c.unix_socket.assign(108, 'x'); }),
                StartsWith("unix_socket "));
    EXPECT_EQ(error_with([](SandboxConfig& c) { c.unix_socket.assign(107, 'x'); }), "accepted");
    EXPECT_EQ(error_with([](SandboxConfig& c) { c.timeout = 24h * 366; }), "accepted");
    EXPECT_EQ(error_with([](SandboxConfig& c) { c.timeout = 0ms; }), "accepted");
    EXPECT_EQ(error_with([](SandboxConfig& c) { c.user_agent = "agents/7 (test)"; }), "accepted");
}

TEST(ConfigTest, AFileThatCannotBeReadIsNamedWithTheReason)
{
    using Path = std::string SandboxConfig::*;
    for (const auto& [name, member] : {std::pair<const char*, Path>{"ca_file", &SandboxConfig::ca_file},
                                       {"ca_directory", &SandboxConfig::ca_directory},
                                       {"client_certificate", &SandboxConfig::client_certificate},
                                       {"client_key", &SandboxConfig::client_key}}) {
        SandboxConfig config{"https://a", "t"};
        config.client_certificate = "/dev/null";
        config.*member = "/nonexistent/file.pem";
        EXPECT_EQ(usage_error_of([&] { (void)sdk::checked(config); }),
                  std::string{name} + " cannot be read: /nonexistent/file.pem: No such file or directory");
    }
    SandboxConfig config{"https://a", "t"};
    config.ca_directory = "/dev/null";
    EXPECT_EQ(usage_error_of([&] { (void)sdk::checked(config); }),
              "ca_directory is not a directory: /dev/null");
    config.ca_directory = "/";
    config.ca_file = "/dev/null";
    EXPECT_EQ(usage_error_of([&] { (void)sdk::checked(config); }), "accepted");
}

TEST(ConfigTest, AProxyIsAUrlWhosePasswordIsNotShown)
{
    SandboxConfig config{"https://a", "t"};
    for (const char* proxy : {"http://proxy:3128", "HTTPS://user:hunter2@proxy", "socks4://proxy",
                              "socks4a://proxy", "socks5://proxy:1080", "socks5h://[::1]:1080"}) {
        config.proxy = proxy;
        EXPECT_EQ(usage_error_of([&] { (void)sdk::checked(config); }), "accepted") << proxy;
    }
    for (const char* proxy : {"proxy:3128", "user:hunter2@proxy", "ftp://user:hunter2@proxy", "://hunter2",
                              "http://hunter2 @proxy", "http://hunter2\n"}) {
        config.proxy = proxy;
        const auto error = usage_error_of([&] { (void)sdk::checked(config); });
        EXPECT_THAT(error, StartsWith("proxy should be ")) << proxy;
        EXPECT_THAT(error, Not(HasSubstr("hunter2")));
    }
}

} // namespace
} // namespace drukbox
