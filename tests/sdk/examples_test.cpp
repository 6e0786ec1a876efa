#include "sdk/sample.hpp"

#include <drukbox/testing/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include <sys/wait.h>

namespace drukbox::sdk {
namespace {

using drukbox::testing::Answer;
using drukbox::testing::FakeService;
using ::testing::HasSubstr;

/// What a shell command prints, on both its outputs, and its exit code.
class ShellCommand
{
public:
    explicit ShellCommand(const std::string& command)
    {
        std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
        std::array<char, 4096> buffer{};
        while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
            output.append(buffer.data(), size);
        }
        exit_code = WEXITSTATUS(::pclose(pipe));
    }

    std::string output;
    int exit_code = -1;
};

TEST(ExamplesTest, QuickstartMakesASandboxAndRemovesIt)
{
    FakeService service;
    service.answer(Answer::json(201, sample_json()));
    service.answer(Answer::empty(204));
    const ShellCommand quickstart{"SANDBOX_SERVICE_URL=" + service.url() +
                                  " SANDBOX_SERVICE_TOKEN=t " DRUKBOX_QUICKSTART};
    EXPECT_EQ(quickstart.exit_code, 0);
    EXPECT_EQ(quickstart.output, "sb-0123456789ab is active: ssh -p 40022 sandbox@127.0.0.1\n");
    ASSERT_EQ(service.requests().size(), 2U);
    EXPECT_EQ(service.requests()[1].method, "DELETE");
}

TEST(ExamplesTest, QuickstartSaysWhatIsMissing)
{
    const ShellCommand quickstart{"env -u SANDBOX_SERVICE_URL " DRUKBOX_QUICKSTART};
    EXPECT_EQ(quickstart.exit_code, 1);
    EXPECT_THAT(quickstart.output, HasSubstr("SANDBOX_SERVICE_URL is not set"));
}

} // namespace
} // namespace drukbox::sdk
