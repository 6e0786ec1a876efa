#include "cli/command_line.hpp"
#include "cli/completion.hpp"
#include "cli/expect_failure.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace drukbox::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class CompletionTest : public ::testing::Test
{
protected:
    CompletionTest()
    {
        app_.add_option("--url");
        add_create_command(app_, line_);
        add_host_commands(app_, line_);
        add_ssh_commands(app_, line_);
        add_completion_command(app_, line_);
    }

    std::vector<std::string> words(const std::vector<std::string>& typed)
    {
        completions_ = complete(app_, typed, [this] {
            asked_ = true;
            return std::vector<Completions::Candidate>{{"sb-1", "active"}, {"sb-2", "error"}, {"other", ""}};
        });
        std::vector<std::string> found;
        for (const auto& candidate : completions_.candidates) {
            found.push_back(candidate.word);
        }
        return found;
    }

    CLI::App app_;
    CommandLine line_;
    Completions completions_;
    bool asked_ = false;
};

TEST_F(CompletionTest, KnowsNothingBehindACommandThatIsNone)
{
    EXPECT_THAT(words({"nonsense", ""}), IsEmpty());
    EXPECT_THAT(words({}), IsEmpty());
}

TEST_F(CompletionTest, OffersCommands)
{
    EXPECT_THAT(words({"r"}), UnorderedElementsAre("renew", "rm"));
    EXPECT_THAT(words({"--url", "http://x", "ss"}), UnorderedElementsAre("ssh", "ssh-config"));
    EXPECT_FALSE(asked_);
}

TEST_F(CompletionTest, OffersOptionsOfTheCommandAndOfAll)
{
    EXPECT_THAT(words({"create", "--"}), Contains("--image"));
    EXPECT_THAT(words({"create", "--"}), Contains("--url"));
    EXPECT_THAT(words({"ls", "--"}), Not(Contains("--image")));
}

TEST_F(CompletionTest, OffersHostsWhereAHostCanStand)
{
    EXPECT_THAT(words({"ssh", "sb"}), ElementsAre("sb-1", "sb-2"));
    EXPECT_THAT(words({"rm", "sb-1", "o"}), ElementsAre("other"));
    EXPECT_THAT(words({"ssh", "-t", "sb"}), ElementsAre("sb-1", "sb-2"));
    EXPECT_THAT(words({"ssh", "-i", "file", "sb"}), ElementsAre("sb-1", "sb-2"));
    EXPECT_THAT(words({"get", "sb-1", ""}), IsEmpty());
}

TEST_F(CompletionTest, OffersBothSidesOfACopy)
{
    EXPECT_THAT(words({"cp", "o"}), ElementsAre("other:"));
    EXPECT_TRUE(completions_.files);
    EXPECT_THAT(words({"cp", "file", "sb"}), ElementsAre("sb-1:", "sb-2:"));
}

TEST_F(CompletionTest, OffersValuesOfOptions)
{
    EXPECT_THAT(words({"ls", "--status", "a"}), ElementsAre("active"));
    EXPECT_THAT(words({"ssh", "-i", ""}), IsEmpty());
    EXPECT_TRUE(completions_.files);
    EXPECT_THAT(words({"create", "--ttl", ""}), IsEmpty());
    EXPECT_FALSE(completions_.files);
}

TEST_F(CompletionTest, LeavesTheRemoteCommandToFiles)
{
    EXPECT_THAT(words({"ssh", "sb-1", "--", "l"}), IsEmpty());
    EXPECT_TRUE(completions_.files);
    EXPECT_FALSE(asked_);
}

TEST(CompletionScriptTest, RefusesAShellItDoesNotKnow)
{
    EXPECT_EQ(failure_of([] { (void)completion_script("tcsh"); }).code(), ExitCode::usage);
}

int run_bash(const char* command, const std::string& script)
{
    std::FILE* bash = ::popen(command, "w");
    if (bash == nullptr) {
        return -1;
    }
    std::fwrite(script.data(), 1, script.size(), bash);
    return ::pclose(bash);
}

TEST(CompletionScriptTest, BashReadsIt)
{
    EXPECT_EQ(run_bash("bash -n", completion_script("bash")), 0);
}

TEST(CompletionScriptTest, BashInsertsOneWordWhateverItIsOffered)
{
    EXPECT_EQ(run_bash("bash", completion_script("bash") + R"(
        offered='sb-1;false${IFS}x;#'
        stub() { printf '%s\tactive\n' "$offered"; }
        COMP_WORDS=(stub ssh sb-) COMP_CWORD=2
        _drukbox stub sb- ssh
        eval "set -- ${COMPREPLY[0]}"
        [ "$*" = "$offered" ])"),
              0);
}

} // namespace
} // namespace drukbox::cli
