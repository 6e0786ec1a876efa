#include "service/runtime/private_file.hpp"
#include "service/settings.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

Environment minimal()
{
    Environment environment;
    environment.add("HOME", "/home/somebody");
    environment.add("SERVICE_TOKENS", "one");
    environment.add("DEFAULT_HOST_PROVIDER", "local");
    return environment;
}

std::string refusal(const Environment& environment, bool dev = false)
{
    try {
        static_cast<void>(Settings::load(environment, dev));
    } catch (const SettingError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(SettingsTest, NeedNothingInDevMode)
{
    Environment environment;
    environment.add("HOME", "/home/somebody");
    const auto settings = Settings::load(environment, true);
    EXPECT_EQ(settings.state_dir, "/home/somebody/.local/state/drukbox");
    EXPECT_EQ(settings.database_url.file(), "/home/somebody/.local/state/drukbox/drukbox.db");
    EXPECT_EQ(settings.default_provider, "local");
    EXPECT_TRUE(settings.tokens.empty());
    EXPECT_EQ(settings.listen, "127.0.0.1:8780");
}

TEST(SettingsTest, HaveAModeForAUnixSocket)
{
    auto environment = minimal();
    EXPECT_EQ(Settings::load(environment, false).listen_mode, 0660U);
    environment.add("LISTEN_MODE", "0600");
    EXPECT_EQ(Settings::load(environment, false).listen_mode, 0600U);
}

TEST(SettingsTest, NeedTokensAndAProviderOtherwise)
{
    Environment environment;
    environment.add("HOME", "/home/somebody");
    EXPECT_TRUE(refusal(environment).starts_with("SERVICE_TOKENS: should be"));
    environment.add("SERVICE_TOKENS", "one");
    EXPECT_TRUE(refusal(environment).starts_with("DEFAULT_HOST_PROVIDER: should name"));
    Environment blank;
    blank.add("HOME", "/home/somebody");
    blank.add("SERVICE_TOKENS", " , ,");
    EXPECT_TRUE(refusal(blank).starts_with("SERVICE_TOKENS:"));
}

TEST(SettingsTest, NeedASealingKeyWithADatabaseThatReplicasShare)
{
    Environment environment;
    environment.add("HOME", "/h");
    environment.add("DATABASE_URL", "postgresql://user:hunter2@host/db");
    const auto text = refusal(environment, true);
    EXPECT_TRUE(text.starts_with("SEALING_KEY: should be set")) << text;
    environment.add("SEALING_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    EXPECT_EQ(Settings::load(environment, true).database_url.kind(), DatabaseKind::postgresql);
}

TEST(SettingsTest, SplitAndTrimTokens)
{
    Environment environment;
    environment.add("HOME", "/h");
    environment.add("DEFAULT_HOST_PROVIDER", "local");
    environment.add("SERVICE_TOKENS", " one ,, two");
    const auto settings = Settings::load(environment, false);
    ASSERT_EQ(settings.tokens.size(), 2U);
    EXPECT_EQ(settings.tokens[0].reveal(), "one");
    EXPECT_EQ(settings.tokens[1].reveal(), "two");
}

TEST(SettingsTest, NameTheVariableAndWhatItShouldBe)
{
    for (const auto& [name, value, expected] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"LISTEN_MODE", "rw", "LISTEN_MODE: should be an octal mode such as 0660, not 'rw'"},
             {"LISTEN_MODE", "0668", "LISTEN_MODE: should be an octal"},
             {"LISTEN_MODE", "1777", "LISTEN_MODE: should be an octal"},
             {"LISTEN_MODE", "-1", "LISTEN_MODE: should be an octal"},
             {"LEASE_DEFAULT_TTL", "soon", "LEASE_DEFAULT_TTL: should be a whole number from 1 to"},
             {"LEASE_DEFAULT_TTL", "0", "LEASE_DEFAULT_TTL: should be"},
             {"PROVISIONING_GRACE_SECONDS", "-1", "PROVISIONING_GRACE_SECONDS: should be"},
             {"UNCLAIMED_LEASE_SECONDS", "99999999999999999999", "UNCLAIMED_LEASE_SECONDS: should be"},
             {"IDEMPOTENCY_KEY_TTL_HOURS", "1.5", "IDEMPOTENCY_KEY_TTL_HOURS: should be"},
             {"LOG_LEVEL", "loud", "LOG_LEVEL: should be debug, info, warning or error, not 'loud'"},
             {"LOCAL_NETWORK", "open", "LOCAL_NETWORK: should be 'none' or 'nat', not 'open'"},
             {"LOCAL_ISOLATION", "lax", "LOCAL_ISOLATION: should be 'strict' or 'shared', not 'lax'"},
             {"LOCAL_IMAGE_DIRS", "/a, b", "LOCAL_IMAGE_DIRS: should be absolute paths separated by commas"},
             {"LOCAL_CPUS", "two", "LOCAL_CPUS: should be a number of at least 0, not 'two'"},
             {"LOCAL_SSH_USERNAME", "a b", "LOCAL_SSH_USERNAME: should be a user name"},
             {"TAILSCALE_ENABLED", "perhaps", "TAILSCALE_ENABLED: should be true or false, not 'perhaps'"},
             {"TAILSCALE_ENABLED", "true", "TAILSCALE_TAILNET: should be set, since TAILSCALE_ENABLED is"},
         }) {
        auto environment = minimal();
        environment.add(name, value);
        const auto text = refusal(environment);
        EXPECT_TRUE(text.starts_with(expected)) << text;
        EXPECT_EQ(text.find('\n'), std::string::npos);
    }
}

TEST(SettingsTest, ReadNamesInAnyCaseAndTolerateOthers)
{
    auto environment = minimal();
    environment.add("lease_default_ttl", "60");
    environment.add("DEFAULT_NETWORK_PROVIDER", "whatever");
    EXPECT_EQ(Settings::load(environment, false).hosts.lease_default_ttl, std::chrono::seconds{60});
}

TEST(EnvironmentTest, PutsTheProcessBeforeTheFile)
{
    Environment environment;
    environment.add("NAME", "first");
    environment.add_dotenv("NAME=second\nOTHER=third\n", ".env");
    EXPECT_EQ(environment.text("NAME"), "first");
    EXPECT_EQ(environment.text("other"), "third");
}

TEST(EnvironmentTest, ReadsEveryFormOfADotenvLine)
{
    Environment environment;
    environment.add_dotenv(
        "# a comment\n\nexport A=1\nB = \"two words # kept\" # dropped\nC='x\\n'\nD=\"x\\ny\"\r\n"
        "E=plain # dropped\nF=\nG=a#b\n",
        ".env");
    EXPECT_EQ(environment.text("A"), "1");
    EXPECT_EQ(environment.text("B"), "two words # kept");
    EXPECT_EQ(environment.text("C"), "x\\n");
    EXPECT_EQ(environment.text("D"), "x\ny");
    EXPECT_EQ(environment.text("E"), "plain");
    EXPECT_EQ(environment.text("F"), std::nullopt);
    EXPECT_EQ(environment.text("G"), "a#b");
}

TEST(EnvironmentTest, TellsTheLineThatItDoesNotUnderstand)
{
    for (const std::string text : {"A=1\nnonsense\n", "A=1\nB=\"open\n", "A=1\n2B=x\n", "A=1\nB=\"x\" y\n"}) {
        Environment environment;
        try {
            environment.add_dotenv(text, ".env");
            FAIL() << text;
        } catch (const SettingError& error) {
            EXPECT_STREQ(error.what(), ".env line 2: should be NAME=value");
        }
    }
}

/// A directory with a `.env`, as somebody may have left it.
class DotenvTest : public ::testing::Test
{
protected:
    DotenvTest()
    {
        std::ofstream{file} << "LOG_LEVEL=debug\n";
        std::filesystem::permissions(file, std::filesystem::perms{0600});
    }

    [[nodiscard]] std::string refusal() const
    {
        try {
            static_cast<void>(Environment::of_process(directory.path()));
        } catch (const SettingError& error) {
            return error.what();
        }
        return "accepted";
    }

    test::TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / ".env";
};

TEST_F(DotenvTest, IsReadAndNamesWhatItSets)
{
    std::ofstream{file} << "planted_name=planted value\nPATH=/planted\n";
    const auto environment = Environment::of_process(directory.path());
    EXPECT_EQ(environment.text("PLANTED_NAME"), "planted value");
    EXPECT_EQ(environment.from_dotenv(), std::vector<std::string>{"PLANTED_NAME"})
        << "the process has a PATH of its own";
}

TEST_F(DotenvTest, IsReadWhereOnlyItsOwnerWrites)
{
    for (const unsigned mode : {0400U, 0600U, 0640U, 0644U}) {
        std::filesystem::permissions(file, std::filesystem::perms{mode});
        EXPECT_EQ(refusal(), "accepted") << std::oct << mode;
    }
    std::filesystem::remove(file);
    EXPECT_EQ(refusal(), "accepted") << "there is none";
}

TEST_F(DotenvTest, IsRefusedWhereOthersCanWrite)
{
    for (const auto& [mode, text] :
         std::map<unsigned, std::string>{{0620, "0620"}, {0602, "0602"}, {0666, "0666"}}) {
        std::filesystem::permissions(file, std::filesystem::perms{mode});
        EXPECT_TRUE(refusal().starts_with(file.string() + ": has mode " + text + " and belongs to uid "))
            << refusal();
    }
}

TEST_F(DotenvTest, IsRefusedWhenItIsSomebodyElses)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "gives a file away";
    }
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::chown(file.c_str(), nobody, nobody), 0);
    EXPECT_TRUE(
        refusal().starts_with(file.string() + ": has mode 0600 and belongs to uid 65534: it should belong"))
        << refusal();
}

TEST_F(DotenvTest, IsRefusedWhenItIsNoFile)
{
    const auto other = directory.path() / "other";
    std::filesystem::rename(file, other);
    std::filesystem::create_symlink(other, file);
    EXPECT_TRUE(refusal().ends_with("not a symbolic link")) << refusal();
    std::filesystem::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_TRUE(refusal().starts_with(file.string() + ": should be a regular file")) << refusal();
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    EXPECT_TRUE(refusal().starts_with(file.string() + ": should be a regular file")) << refusal();
}

/// A directory that is to be the service's own.
class PrivateDirectoryTest : public ::testing::Test
{
protected:
    [[nodiscard]] std::string refusal() const
    {
        try {
            check_private_directory("STATE_DIR", path);
        } catch (const SettingError& error) {
            return error.what();
        }
        return "accepted";
    }

    test::TemporaryDirectory directory;
    std::filesystem::path path = directory.path() / "state";
};

TEST_F(PrivateDirectoryTest, IsMadeSo)
{
    EXPECT_EQ(refusal(), "accepted") << "there is none yet";
    make_private_directory(path);
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms{0700});
    EXPECT_EQ(refusal(), "accepted");
}

TEST_F(PrivateDirectoryTest, IsRefusedWhenItIsOpenToOthers)
{
    make_private_directory(path);
    for (const auto& [mode, text] :
         std::map<unsigned, std::string>{{0777, "0777"}, {0710, "0710"}, {0704, "0704"}}) {
        std::filesystem::permissions(path, std::filesystem::perms{mode});
        EXPECT_TRUE(refusal().starts_with("STATE_DIR: " + path.string() + " has mode " + text)) << refusal();
    }
}

TEST_F(PrivateDirectoryTest, IsRefusedWhenItIsSomebodyElses)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "gives a directory away";
    }
    make_private_directory(path);
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::chown(path.c_str(), nobody, nobody), 0);
    EXPECT_TRUE(
        refusal().starts_with("STATE_DIR: " + path.string() + " has mode 0700 and belongs to uid 65534"))
        << refusal();
}

} // namespace
} // namespace drukbox::service
