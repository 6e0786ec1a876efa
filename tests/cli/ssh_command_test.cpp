#include "cli/expect_failure.hpp"
#include "cli/quote.hpp"
#include "cli/ssh_command.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>

namespace drukbox::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SandboxHost active_host()
{
    SandboxHost host;
    host.id = "01980000-0000-7000-8000-aaaaaaaaaaaa";
    host.name = "sb-aaaaaaaaaaaa";
    host.status = "active";
    host.external_ssh_host = "127.0.0.1";
    host.external_ssh_port = 2201;
    host.ssh_username = "sandbox";
    return host;
}

/// What ssh itself makes of the arguments, by `ssh -G`.
std::string effective_settings(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin() + 1, "-G");
    const std::string command = shell_join(arguments);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string out;
    std::array<char, 4096> buffer{};
    for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;) {
        out.append(buffer.data(), count);
    }
    return out;
}

TEST(SshTargetTest, RefusesWhatSshCouldTakeForSomethingElse)
{
    const auto refused = [](auto&& change) {
        SandboxHost host = active_host();
        change(host);
        return failure_of([&] { (void)SshTarget(host, "/k", "/h"); }).code();
    };
    EXPECT_EQ(refused([](SandboxHost& h) { h.name = "-oProxyCommand=id"; }), ExitCode::failure);
    EXPECT_EQ(refused([](SandboxHost& h) { h.name = "a b"; }), ExitCode::failure);
    EXPECT_EQ(refused([](SandboxHost& h) { h.external_ssh_host = "x\nProxyCommand id"; }), ExitCode::failure);
    EXPECT_EQ(refused([](SandboxHost& h) { h.external_ssh_host = "$(id)"; }), ExitCode::failure);
    EXPECT_EQ(refused([](SandboxHost& h) { h.ssh_username = "`id`"; }), ExitCode::failure);
    EXPECT_EQ(refused([](SandboxHost& h) { h.ssh_username = ""; }), ExitCode::failure);
}

TEST(SshTargetTest, SaysWhenAHostHasNoAddress)
{
    SandboxHost host = active_host();
    host.external_ssh_host = "";
    EXPECT_EQ(failure_of([&] { (void)SshTarget(host, "/k", "/h"); }).code(), ExitCode::conflict);
}

TEST(SshTargetTest, FallsBackToTheTailnet)
{
    SandboxHost host = active_host();
    host.external_ssh_host = "";
    host.internal_ssh_host = "sb-a.tail1.ts.net";
    const SshTarget target(host, "/k", "/h");
    EXPECT_EQ(target.address, "sb-a.tail1.ts.net");
    EXPECT_EQ(target.port, 22);
}

TEST(SshArgumentsTest, SshReadsThemAsMeant)
{
    const SshTarget target(active_host(), "/data dir/50%/id_ed25519", "/data dir/known_hosts");
    const std::string settings = effective_settings(ssh_arguments(target, {"true"}));
    for (const char* line :
         {"hostname 127.0.0.1\n", "port 2201\n", "user sandbox\n", "stricthostkeychecking true\n",
          "identitiesonly yes\n", "identityagent none\n", "globalknownhostsfile /dev/null\n",
          "userknownhostsfile /data dir/known_hosts\n", "forwardagent no\n",
          "preferredauthentications publickey\n", "updatehostkeys false\n"}) {
        EXPECT_THAT(settings, HasSubstr(line));
    }
    EXPECT_THAT(settings, HasSubstr("identityfile /data dir/50%%/id_ed25519\n"));
    EXPECT_THAT(settings, ::testing::Not(HasSubstr("proxycommand")));
}

TEST(SshArgumentsTest, QuotesACommandOfSeveralWordsAndLeavesASingleOneToTheShell)
{
    const SshTarget target(active_host(), "/k", "/h");
    EXPECT_EQ(ssh_arguments(target, {"ls | wc -l"}).back(), "ls | wc -l");
    EXPECT_EQ(ssh_arguments(target, {"sh", "-c", "echo $1", "-", "a b"}).back(), "sh -c 'echo $1' - 'a b'");
    EXPECT_EQ(ssh_arguments(target).back(), "sb-aaaaaaaaaaaa");
}

TEST(ScpArgumentsTest, EndsTheOptionsBeforeThePaths)
{
    const SshTarget target(active_host(), "/k", "/h");
    const auto arguments = scp_arguments(target, true, "-x", "sb-aaaaaaaaaaaa:/tmp");
    const std::vector<std::string> tail(arguments.end() - 4, arguments.end());
    EXPECT_THAT(tail, ElementsAre("-r", "--", "-x", "sb-aaaaaaaaaaaa:/tmp"));
}

TEST(SshConfigBlockTest, TakesOverNoNameOfSomethingElse)
{
    SandboxHost host = active_host();
    for (const auto& [name, line] :
         {std::pair{"sb-1", "Host sb-1\n"}, {"github.com", "Host drukbox-github.com\n"}}) {
        host.name = name;
        EXPECT_TRUE(ssh_config_block(SshTarget(host, "/k", "/h")).starts_with(line)) << name;
    }
}

TEST(SshConfigBlockTest, SshReadsItAsMeant)
{
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "config";
    std::ofstream(file) << ssh_config_block(SshTarget(active_host(), "/data dir/k", "/data dir/h"));
    const std::string settings = effective_settings({"ssh", "-F", file.string(), "sb-aaaaaaaaaaaa"});
    for (const char* line : {"hostname 127.0.0.1\n", "port 2201\n", "user sandbox\n",
                             "stricthostkeychecking true\n", "userknownhostsfile /data dir/h\n"}) {
        EXPECT_THAT(settings, HasSubstr(line));
    }
}

} // namespace
} // namespace drukbox::cli
