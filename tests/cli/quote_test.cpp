#include "cli/quote.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>

namespace drukbox::cli {
namespace {

std::string output_of(const std::string& command)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string out;
    std::array<char, 256> buffer{};
    for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;) {
        out.append(buffer.data(), count);
    }
    return out;
}

TEST(ShellQuoteTest, AShellReadsEveryWordBackAsItWas)
{
    const std::vector<std::string> words{"plain", "",  "two words", "it's", "$HOME `id` \\ \"x\"", "a\nb",
                                         "*",     "~", "#x",        "a=b",  "!;&|<>(){}[]?",       "--x"};
    std::string expected;
    for (const std::string& word : words) {
        expected += word + "|";
    }
    EXPECT_EQ(output_of("printf '%s|' " + shell_join(words)), expected);
}

TEST(ShellQuoteTest, LeavesPlainWordsAlone)
{
    EXPECT_EQ(shell_join({"ls", "-l", "/tmp/a.b", "user@host:x"}), "ls -l /tmp/a.b user@host:x");
}

TEST(SshQuotePathTest, KeepsPercentSignsAndSpacesFromSsh)
{
    EXPECT_EQ(ssh_quote_path("/home/me/key"), "/home/me/key");
    EXPECT_EQ(ssh_quote_path("/a%h/key"), "/a%%h/key");
    EXPECT_EQ(ssh_quote_path("/a b/k\"e"), "\"/a b/k\\\"e\"");
}

} // namespace
} // namespace drukbox::cli
