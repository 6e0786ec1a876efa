#include "local/command.hpp"
#include "providers/run.hpp"
#include "service/providers/exe/answers.hpp"
#include "service/providers/exe/command_line.hpp"
#include "service/providers/exe/exe_provider.hpp"
#include "support/scripted_server.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <random>

namespace drukbox::service::exe {
namespace {

using test::http_answer;
using test::Peer;
using test::ScriptedServer;

const std::string made = http_answer(
    "{\"status\":\"creating\"}\n{\"vm_name\":\"sb-1\",\"ssh_dest\":\"127.0.0.1\",\"ssh_port\":1}\n");

/// exe.dev as a test wants it: answers in turn, the last one again and again.
class ExeTest : public testing::Test
{
protected:
    ExeTest()
    {
        settings_.api_token = Redacted{"s3cret-token"};
        settings_.service_label = "drukbox";
        settings_.api_timeout = std::chrono::seconds{1};
        settings_.ready_timeout = std::chrono::seconds{0};
        spec_.name = "sb-1";
        spec_.image = "image:1";
    }

    ~ExeTest() override { blocking_.join(); }

    std::string failure(std::vector<std::string> answers,
                        boost::asio::awaitable<void> (*call)(Provider&, VmSpec))
    {
        std::size_t next = 0;
        ScriptedServer cloud{[&](Peer& peer) {
            const auto request = peer.read_message();
            std::string answer;
            {
                const std::lock_guard lock(mutex_);
                commands_.push_back(request.substr(request.find("\r\n\r\n") + 4));
                answer = answers.at(std::min(next++, answers.size() - 1));
            }
            if (answer == "silence") {
                peer.wait_closed();
            }
            peer.send(answer);
        }};
        settings_.api_url = cloud.url("");
        const auto provider = make_exe_provider(reactor_.get_executor(), blocking_, settings_);
        try {
            test::run_on(reactor_, call(*provider, spec_));
        } catch (const ProviderError& error) {
            return error.kind() + ": " + error.what();
        }
        return "none";
    }

    std::string create_failure(const std::string& answer)
    {
        return failure({answer}, [](Provider& provider, VmSpec spec) -> boost::asio::awaitable<void> {
            static_cast<void>(co_await provider.create(std::move(spec)));
        });
    }

    std::string list_failure(const std::string& answer)
    {
        return failure({answer}, [](Provider& provider, VmSpec) -> boost::asio::awaitable<void> {
            static_cast<void>(co_await provider.list());
        });
    }

    ExeSettings settings_;
    VmSpec spec_;
    std::vector<std::string> commands_;
    std::mutex mutex_;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{1};
};

TEST_F(ExeTest, MakesAVmWithOneCommand)
{
    spec_.env["A"] = Redacted{"b"};
    spec_.env["GREETING"] = Redacted{"it's"};
    EXPECT_EQ(create_failure(made), "ProviderError: exe: SSH does not answer at 127.0.0.1 port 1 in time");
    EXPECT_THAT(commands_, testing::ElementsAre(
                               "new --json --name=sb-1 --image=image:1 --tag=managed-by-drukbox --no-email "
                               "--env A=b --env 'GREETING=it'\\''s'"));
    commands_.clear();
    settings_.installation = "0123456789abcdef";
    spec_.env.clear();
    create_failure(made);
    EXPECT_THAT(commands_, testing::ElementsAre("new --json --name=sb-1 --image=image:1 "
                                                "--tag=drukbox-installation-0123456789abcdef "
                                                "--tag=managed-by-drukbox --no-email"));
    commands_.clear();
    settings_.installation.clear();
    spec_.env = {{"A", Redacted{"b"}}};
    spec_.setup_script = Redacted{"#!/bin/sh\necho \"a\\b\"\n"};
    create_failure(made);
    EXPECT_THAT(commands_,
                testing::ElementsAre("new --json --name=sb-1 --image=image:1 "
                                     "--setup-script=\"#!/bin/sh\\nexport A='b'\\necho \\\"a\\\\b\\\"\\n\" "
                                     "--tag=managed-by-drukbox --no-email --env A=b"));
}

TEST_F(ExeTest, EveryNonsenseIsANeutralError)
{
    spec_.env["TOKEN"] = Redacted{"s3cret's value"};
    for (const auto& bad : {
             http_answer("<html>oops</html>", "500 Internal Server Error"),
             http_answer("<html>oops</html>"),
             http_answer(""),
             http_answer("{}"),
             http_answer("[]"),
             http_answer("null"),
             http_answer(R"({"vm_name":null,"ssh_dest":null,"ssh_port":null,"vms":null})"),
             http_answer(R"({"vm_name":"sb-1","ssh_dest":"h"})"),
             http_answer(R"({"vm_name":"sb-1","ssh_dest":"h","ssh_port":0})"),
             http_answer(R"({"vm_name":"sb-1","ssh_dest":"h","ssh_port":"x"})"),
             http_answer(R"({"vm_name":"sb-1","ssh_dest":"h h","ssh_port":22})"),
             http_answer(R"({"vm_name":"-x","ssh_dest":"h","ssh_port":22})"),
             http_answer(R"({"vm_name":"sb-1","ssh_dest":"-o@h","ssh_port":22})"),
             http_answer("{\"vm_name\":\"sb-1\"}\n{\"ssh_dest\":"),
             http_answer(R"({"vms":[null]})"),
             http_answer(R"({"vms":[{"vm_name":"sb-0123456789ab"}]})"),
             http_answer("bad s3cret-token and s3cret's value and s3cret'\\''s value", "422 No"),
             std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"},
             std::string{"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"},
             std::string{"SSH-2.0-OpenSSH\r\n"},
             std::string{},
             std::string{"silence"},
         }) {
        for (const auto& text : {create_failure(bad), list_failure(bad)}) {
            EXPECT_THAT(text, testing::ContainsRegex("^Provider[A-Za-z]+: exe ")) << bad;
            EXPECT_THAT(text, testing::Not(testing::HasSubstr("s3cret-token"))) << bad;
        }
        EXPECT_THAT(create_failure(bad), testing::Not(testing::HasSubstr("s3cret"))) << bad;
    }
    EXPECT_EQ(create_failure(http_answer("invalid token\n", "401 Unauthorized")),
              "ProviderAuthError: exe failed to make the VM: invalid token");
}

TEST_F(ExeTest, RemovingWhatIsGoneIsASuccess)
{
    const auto remove = [](Provider& provider, VmSpec spec) { return provider.remove(spec.name); };
    const auto not_listed = http_answer(R"({"vms":[]})");
    EXPECT_EQ(failure({http_answer("VM sb-1 not found", "404 Not Found")}, remove), "none");
    EXPECT_EQ(failure({not_listed, http_answer("VM sb-1 is locked", "422 No")}, remove),
              "ProviderError: exe failed to remove the VM: VM sb-1 is locked");
    EXPECT_THAT(commands_, testing::ElementsAre("ls --json -l sb-1", "rm --json sb-1", "ls --json -l sb-1",
                                                "rm --json sb-1"));
}

TEST_F(ExeTest, DoesNotRemoveWhatAnotherInstallationHasMade)
{
    const auto remove = [](Provider& provider, VmSpec spec) { return provider.remove(spec.name); };
    settings_.installation = "ours";
    const auto theirs = http_answer(
        R"({"vms":[{"vm_name":"sb-1","tags":["managed-by-drukbox","drukbox-installation-theirs"]}]})");
    EXPECT_EQ(failure({theirs}, remove), "none");
    EXPECT_THAT(commands_, testing::ElementsAre("ls --json -l sb-1"));
}

TEST_F(ExeTest, SendsNoCommandOfTwoLines)
{
    spec_.image = "image:1\nrm --json theirs";
    EXPECT_EQ(create_failure(made), "ProviderError: exe cannot carry the newline in a command");
    EXPECT_TRUE(commands_.empty());
}

TEST_F(ExeTest, ProxiesAreIntegrationsOfTheAccount)
{
    const auto make = [](Provider& provider, VmSpec) -> boost::asio::awaitable<void> {
        HttpProxySpec proxy;
        proxy.name = "llm";
        proxy.target = "https://api.example.com/";
        proxy.headers["Authorization"] = Redacted{"Bearer s3cret"};
        co_await provider.http_proxies()->create_proxy(std::move(proxy));
    };
    const auto drop = [](Provider& provider, VmSpec) { return provider.http_proxies()->remove_proxy("llm"); };
    const auto attach = [](Provider& provider, VmSpec) {
        return provider.http_proxies()->attach_proxy("llm", "sb-1");
    };
    const auto detach = [](Provider& provider, VmSpec) {
        return provider.http_proxies()->detach_proxy("llm", "sb-1");
    };
    const auto done = http_answer("");
    for (const auto& call :
         std::vector<boost::asio::awaitable<void> (*)(Provider&, VmSpec)>{make, drop, attach, detach}) {
        EXPECT_EQ(failure({done}, call), "none");
    }
    EXPECT_THAT(commands_, testing::ElementsAre(
                               "integrations add http-proxy --name=llm --target=https://api.example.com/ "
                               "--header='Authorization: Bearer s3cret'",
                               "integrations remove llm", "integrations attach llm vm:sb-1",
                               "integrations detach llm vm:sb-1"));
    const auto refused = [](const std::string& text) { return http_answer(text, "422 No"); };
    EXPECT_EQ(failure({refused("integration llm already exists")}, make),
              "HttpProxyExists: there is an http proxy named llm");
    EXPECT_EQ(failure({refused("cannot use Bearer s3cret")}, make),
              "ProviderError: exe failed to make an http proxy: cannot use <redacted>");
    EXPECT_EQ(failure({refused("integration llm not found")}, drop),
              "HttpProxyNotFound: no http proxy named llm");
    EXPECT_EQ(failure({refused("llm: HTTP_PROXY Not Found")}, attach),
              "HttpProxyNotFound: no http proxy named llm");
    EXPECT_EQ(failure({refused("VM sb-1 not found")}, attach), "VmNotFound: no machine named sb-1");
    EXPECT_EQ(failure({refused("VM sb-1 not found")}, detach), "VmNotFound: no machine named sb-1");
    EXPECT_THAT(
        failure({http_answer("<html>", "502 Bad Gateway")}, detach),
        testing::StartsWith("ProviderUnavailable: exe failed to detach an http proxy: it answered 502"));
}

TEST(ExeAnswersTest, SeveralObjectsAreOne)
{
    const auto vm = parse_new(
        "{\"vm_name\":\"a\",\"ssh_port\":1}\n\n{\"ssh_dest\":\"vm+a@h.xyz\",\"ssh_port\":\"2222\"}");
    EXPECT_EQ(vm.name, "a");
    EXPECT_EQ(vm.ssh_host, "h.xyz");
    EXPECT_EQ(vm.ssh_username, "vm+a");
    EXPECT_EQ(vm.ssh_port, 2222);
}

TEST(ExeAnswersTest, OnlyWhatCarriesOurTagIsOurs)
{
    const auto vms = parse_list(
        R"({"vms":[{"vm_name":"sb-0123456789ab","tags":["drukbox-installation-1","managed-by-drukbox"]},)"
        R"({"vm_name":"sb-0123456789ac","tags":["managed-by-other"]},{"vm_name":"mine"}]})",
        "managed-by-drukbox");
    ASSERT_EQ(vms.size(), 1U);
    EXPECT_EQ(vms[0].name, "sb-0123456789ab");
    EXPECT_EQ(vms[0].installation, "1");
}

TEST(ExeCommandLineTest, WordsArriveAsTheyAreAtPythonAndBash)
{
    std::mt19937 random{42};
    static constexpr std::string_view special = "'\"\\$`! *?[]{}()<>|&;#~=%^-\t";
    std::vector<std::string> words{"", "plain", "it's", "-x", "a b"};
    for (int i = 0; i < 300; ++i) {
        std::string word;
        for (auto left = random() % 20; left > 0; --left) {
            word += random() % 2 == 0 ? special[random() % special.size()]
                                      : static_cast<char>(' ' + random() % 95);
        }
        words.push_back(word);
    }
    CommandLine line{"printf '%s\\n'"};
    std::string expected;
    for (const auto& word : words) {
        line.word(word);
        expected += word + "\n";
    }
    EXPECT_EQ(test::run_command({"bash"}, line.text()).out, expected);
    EXPECT_EQ(test::run_command({"/usr/bin/python3", "-c",
                                 "import shlex,sys\nfor w in shlex.split(sys.stdin.read())[2:]: print(w)"},
                                line.text())
                  .out,
              expected);
}

} // namespace
} // namespace drukbox::service::exe
