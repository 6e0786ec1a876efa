#include "local/command.hpp"
#include "service/providers/support/shell.hpp"
#include "service/providers/support/user_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace drukbox::service {
namespace {

std::string random_text(std::mt19937& random)
{
    // What shells mind, more often than the rest.
    static constexpr std::string_view special = "'\"\\$`!\n\t *?[]{}()<>|&;#~=%^-\r\x7f\x01";
    std::string text;
    for (auto left = random() % 40; left > 0; --left) {
        text +=
            random() % 2 == 0 ? special[random() % special.size()] : static_cast<char>(1 + random() % 255);
    }
    return text;
}

TEST(ShellTest, AQuotedWordStandsForItselfInBashAndDash)
{
    std::mt19937 random{4711};
    std::vector<std::string> texts{"", "'", "\\", "-n", "$(id)", "a\nb"};
    for (int i = 0; i < 500; ++i) {
        texts.push_back(random_text(random));
    }
    std::string script = "printf '%s\\0'";
    std::string expected;
    for (const auto& text : texts) {
        script += " " + shell_quoted(text);
        expected += text + '\0';
    }
    for (const auto* shell : {"bash", "dash"}) {
        EXPECT_EQ(test::run_command({shell}, script).out, expected) << shell;
    }
}

TEST(ShellTest, AScriptRunsWithTheVariablesBehindItsShebang)
{
    const std::map<std::string, Redacted> env{{"A", Redacted{"it's\ntwo"}}, {"B", Redacted{"$HOME"}}};
    EXPECT_EQ(with_exports("#!/bin/bash -e\necho hi\n", env).reveal(),
              "#!/bin/bash -e\nexport A='it'\\''s\ntwo'\nexport B='$HOME'\necho hi\n");
    EXPECT_TRUE(with_exports("echo hi", env).reveal().starts_with("#!/bin/sh\nexport A="));
    EXPECT_EQ(with_exports("#!/bin/sh", {}).reveal(), "#!/bin/sh\n");
    EXPECT_EQ(test::run_command({"sh"}, with_exports("printf %s \"$A|$B\"", env).reveal()).out,
              "it's\ntwo|$HOME");
}

TEST(UserDataTest, IsACloudConfigThatHoldsOnlyWhatIsAskedFor)
{
    UserData data;
    data.host_key = Redacted{"PRIVATE\nKEY\n"};
    data.host_public_key = "ssh-ed25519 AAAA";
    EXPECT_EQ(cloud_config(data).reveal(),
              "#cloud-config\n"
              R"({"ssh_keys":{"ed25519_private":"PRIVATE\nKEY\n","ed25519_public":"ssh-ed25519 AAAA"}})"
              "\n");
    data.env["A"] = Redacted{"b"};
    data.setup_script = "#!/bin/sh\nid\n";
    const auto text = cloud_config(data).reveal();
    EXPECT_THAT(text,
                testing::HasSubstr(R"("path":"/etc/profile.d/drukbox-environment.sh","permissions":"0644")"));
    EXPECT_THAT(text, testing::HasSubstr(R"("path":"/var/lib/drukbox/setup","permissions":"0700")"));
    EXPECT_THAT(text, testing::HasSubstr(R"("runcmd":[["/var/lib/drukbox/setup"]])"));
}

} // namespace
} // namespace drukbox::service
