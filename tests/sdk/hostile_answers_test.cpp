#include "sdk/litterbox_sample.hpp"
#include "sdk/sample.hpp"

#include <drukbox/drukbox.hpp>
#include <drukbox/litterbox/litterbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

// A service that has been taken over, or is mistaken, sends what its clients would hand on to ssh and to
// shells.
namespace drukbox::sdk {
namespace {

namespace json = boost::json;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;
using ::testing::HasSubstr;
using ::testing::Not;

class HostileAnswersTest : public ::testing::Test
{
protected:
    /// What is wrong with a record by what a call says; empty when it is taken.
    static std::string refusal(const std::function<void()>& call)
    {
        try {
            call();
        } catch (const SandboxResponseError& error) {
            return error.detail();
        }
        return "";
    }

    /// The same, in the answers to all operations: one word for all.
    std::string refusal(const std::string& key, const json::value& value)
    {
        const std::size_t requests = service_.requests().size();
        json::object record = json::parse(wire::serialize(full_host())).as_object();
        record[key] = value;
        const std::string text = json::serialize(record);
        service_.answer_always(Answer::json(200, text));
        const std::string of_get = refusal([this] { (void)client_.get_host(host_id); });
        EXPECT_EQ(refusal([this] { client_.create_host(); }), of_get);
        EXPECT_EQ(refusal([this] { client_.renew_host(host_id); }), of_get);
        EXPECT_EQ(refusal([this] { (void)client_.attach(host_id); }), of_get);
        service_.answer_always(Answer::json(200, "[" + sample_json() + "," + text + "]"));
        EXPECT_EQ(refusal([this] { (void)client_.list_hosts(); }), of_get);
        EXPECT_EQ(service_.requests().size(), requests + 5) << "not every answer was asked for";
        return of_get;
    }

    void expect_refused(const std::string& key, const json::value& value)
    {
        const std::string detail = refusal(key, value);
        EXPECT_THAT(detail, HasSubstr(key + ": ")) << value;
        for (const char c : detail) {
            EXPECT_TRUE(c >= ' ' && c < 0x7f) << value;
        }
    }

    std::string known_hosts_of(const std::string& text)
    {
        SandboxHost host = full_host();
        host.known_hosts = text;
        service_.answer(Answer::host(200, host));
        return client_.get_host(host_id).known_hosts;
    }

    FakeService service_;
    SandboxClient client_{service_.config()};
};

TEST_F(HostileAnswersTest, NoNameReachesAShellAFileOrAnotherMachine)
{
    for (const char* name :
         {"sb-1;touch${IFS}x;#", "", "a b", "$(id)", "-oProxyCommand=id", "*", "sb-1\nHost github.com",
          "SB-1", "localhost", "127.0.0.1", "2130706433", "../../etc", "\x1b[2J",
          "sb-\xe2\x80\xae"
          "1",
          "a..b", "sb-1."}) {
        expect_refused("name", name);
    }
    expect_refused("name", json::string(64, 'a'));
    EXPECT_EQ(refusal("name", "sb-1.example.com"), "");
}

TEST_F(HostileAnswersTest, NoIdReachesAPathElsewhere)
{
    for (const char* id : {"", "..", "../../.ssh", ".ssh", "-rf", "a b", "a\\b", "a\nb",
                           "\xc2\x9b"
                           "2J"}) {
        expect_refused("id", id);
    }
    expect_refused("id", json::string(65, 'a'));
    EXPECT_EQ(refusal("id", json::string("urn:uuid:" + host_id)), "");
}

TEST_F(HostileAnswersTest, NoAddressIsAnOptionOrAnotherLine)
{
    for (const char* key : {"external_ssh_host", "internal_ssh_host"}) {
        for (const char* host : {"-oProxyCommand=id", "x\nProxyCommand id", "$(id)", "%h", "a b", "u@h",
                                 "[::1]", "a,b", "fe80::1%lo", "\x1b]0;x\x07"}) {
            expect_refused(key, host);
        }
        EXPECT_EQ(refusal(key, "2001:db8::7"), "");
        EXPECT_EQ(refusal(key, ""), "") << "an early state";
    }
}

TEST_F(HostileAnswersTest, NoPortIsOutOfRange)
{
    for (const json::value& port : {json::value{-1}, json::value{0}, json::value{65536}, json::value{1e300},
                                    json::value{22.5}, json::value{18446744073709551615U}}) {
        expect_refused("external_ssh_port", port);
    }
}

TEST_F(HostileAnswersTest, NoUserNameIsAnOptionOrAnotherLine)
{
    for (const char* user : {"-l", "x\nProxyCommand id", "a b", "$(id)", "%r", "a;b", "\xe2\x80\xae"}) {
        expect_refused("ssh_username", user);
    }
}

TEST_F(HostileAnswersTest, NoKeyOfSomebodyElseIsKnown)
{
    const std::string own = "[127.0.0.1]:40022 ssh-ed25519 AAAA\n";
    const std::string on_tailnet = "sb-0123456789ab.example.ts.net ssh-ed25519 AAAA host\r\n";
    EXPECT_EQ(known_hosts_of(own + on_tailnet), own + on_tailnet);
    for (const std::string line :
         {"github.com ssh-ed25519 AAAA", "[127.0.0.1]:40022,github.com ssh-ed25519 AAAA",
          "* ssh-ed25519 AAAA", "  github.com\tssh-ed25519 AAAA", "@cert-authority * ssh-ed25519 AAAA",
          "@revoked [127.0.0.1]:40022 ssh-ed25519 AAAA", "[127.0.0.1]:22 ssh-ed25519 AAAA",
          "!x,[127.0.0.1]:40022 ssh-ed25519 AAAA", "|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA"}) {
        EXPECT_EQ(known_hosts_of(own + line), own) << line;
        EXPECT_EQ(known_hosts_of(own + line + "\r\n"), own) << line;
        EXPECT_EQ(known_hosts_of(line + "\n" + own), own) << line;
    }
    EXPECT_EQ(known_hosts_of("# " + own + "ssh-ed25519 AAAA"), "# " + own + "ssh-ed25519 AAAA")
        << "no key of anybody";
    for (const char* text : {"[127.0.0.1]:40022 ssh-ed25519 AAAA\rgithub.com ssh-ed25519 AAAA\n", "\x1b[2J",
                             "[127.0.0.1]:40022 ssh-ed25519 AAAA\xe2\x80\xa8github.com ssh-ed25519 AAAA\n"}) {
        expect_refused("known_hosts", text);
    }
    expect_refused("known_hosts", json::string("a\0b", 3));
}

TEST_F(HostileAnswersTest, APrivateKeyIsTextAndIsNotShown)
{
    for (const char* key : {"-----BEGIN\x1b[2J hunter2", "hunter2\xff", "hunter2\xc2\x9b", "hunter2\x07"}) {
        SandboxHost host = full_host();
        host.private_key = key;
        service_.answer(Answer::host(201, host));
        const std::string detail = refusal([this] { client_.create_host(); });
        EXPECT_THAT(detail, HasSubstr("private_key: ")) << key;
        EXPECT_THAT(detail, Not(HasSubstr("hunter2")));
    }
}

TEST_F(HostileAnswersTest, ALitterboxHostIsLookedAtToo)
{
    const litterbox::SandboxClient client{service_.config().base_url, "test-token"};
    const auto refusal_of = [&](const char* key, const json::value& value) {
        json::object record = json::parse(litterbox_json()).as_object();
        record[key] = value;
        service_.answer_always(Answer::json(200, "[" + json::serialize(record) + "]"));
        const std::string of_list = refusal([&] { (void)client.list_hosts(); });
        service_.answer_always(Answer::json(200, json::serialize(record)));
        EXPECT_EQ(refusal([&] { (void)client.get_host(host_id); }), of_list);
        return of_list;
    };
    EXPECT_EQ(refusal_of("name", "sb-1"), "");
    EXPECT_THAT(refusal_of("name", "sb-1;touch${IFS}x;#"), HasSubstr("name: "));
    EXPECT_THAT(refusal_of("id", "../.ssh"), HasSubstr("id: "));
    EXPECT_THAT(refusal_of("ssh_host", "-oProxyCommand=id"), HasSubstr("ssh_host: "));
    EXPECT_THAT(refusal_of("ssh_port", 0), HasSubstr("ssh_port: "));
    EXPECT_THAT(refusal_of("known_hosts", "\x1b[2J"), HasSubstr("known_hosts: "));
    service_.answer_always(Answer::json(200, [] {
        json::object record = json::parse(litterbox_json()).as_object();
        record["known_hosts"] = "[a.exe.dev]:2222 ssh-ed25519 AAAA\ngithub.com ssh-ed25519 AAAA\n";
        return json::serialize(record);
    }()));
    EXPECT_EQ(client.get_host(host_id).known_hosts, "[a.exe.dev]:2222 ssh-ed25519 AAAA\n");
}

} // namespace
} // namespace drukbox::sdk
