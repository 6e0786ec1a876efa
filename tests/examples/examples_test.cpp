#include <drukbox/testing/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>
#include <thread>

#include <sys/wait.h>

// The examples as a user runs them, against the fake service.
namespace drukbox {
namespace {

using drukbox::testing::Answer;
using drukbox::testing::FakeService;
using drukbox::testing::Operation;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// What a program prints, on each of its outputs, and its exit code.
class ExampleRun
{
public:
    ExampleRun(const std::string& environment, const std::string& program, const std::string& arguments = {})
    {
        std::FILE* const pipe =
            ::popen((environment + " " + program + " " + arguments + " 2>&1").c_str(), "r");
        std::array<char, 4096> buffer{};
        while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
            output.append(buffer.data(), size);
        }
        exit_code = WEXITSTATUS(::pclose(pipe));
    }

    std::string output;
    int exit_code = -1;
};

class ExamplesTest : public ::testing::Test
{
protected:
    [[nodiscard]] ExampleRun run(const std::string& program, const std::string& arguments = {}) const
    {
        const SandboxConfig config = service_.config();
        return {"SANDBOX_SERVICE_URL=" + config.base_url + " SANDBOX_SERVICE_TOKEN=" + config.token, program,
                arguments};
    }

    FakeService service_;
};

class EveryExampleTest : public ExamplesTest, public ::testing::WithParamInterface<const char*>
{
};

TEST_P(EveryExampleTest, RunsAndLeavesNoSandboxBehind)
{
    const ExampleRun example = run(GetParam());
    EXPECT_EQ(example.exit_code, 0) << example.output;
    EXPECT_FALSE(service_.requests(Operation::create_host).empty());
    EXPECT_TRUE(service_.state().hosts().empty());
}

TEST_P(EveryExampleTest, SaysWhatIsMissing)
{
    const ExampleRun example{"env -u SANDBOX_SERVICE_URL", GetParam()};
    EXPECT_EQ(example.exit_code, 1);
    EXPECT_THAT(example.output, HasSubstr("SANDBOX_SERVICE_URL is not set"));
}

TEST_P(EveryExampleTest, FailsWhenTheServiceIsOutOfOrder)
{
    service_.answer_always(Answer::error(500, "this service is broken"));
    const ExampleRun example = run(GetParam());
    EXPECT_EQ(example.exit_code, 1);
    EXPECT_THAT(example.output, HasSubstr("this service is broken"));
}

INSTANTIATE_TEST_SUITE_P(Examples, EveryExampleTest,
                         ::testing::Values(EXAMPLE_QUICKSTART, EXAMPLE_COROUTINE, EXAMPLE_CALLBACK,
                                           EXAMPLE_BLOCKING, EXAMPLE_MANY_HOSTS));

TEST_F(ExamplesTest, QuickstartSaysHowToReachTheSandbox)
{
    EXPECT_THAT(run(EXAMPLE_QUICKSTART).output,
                MatchesRegex("sb-[0-9a-f]* is active: ssh -p 1 sandbox@127.0.0.1\n"));
}

TEST_F(ExamplesTest, CoroutineRemovesItsSandboxWhenItsLeaseCannotBeRenewed)
{
    service_.answer(Operation::renew_host, Answer::error(409, "not now"));
    service_.answer_always(Operation::get_host, Answer::genuine().held());
    const ExampleRun example = run(EXAMPLE_COROUTINE);
    EXPECT_EQ(example.exit_code, 1);
    EXPECT_EQ(example.output, "coroutine: not now\n");
    EXPECT_TRUE(service_.state().hosts().empty());
}

TEST_F(ExamplesTest, BlockingRemovesItsSandboxWhenSomethingFails)
{
    service_.answer(Operation::list_hosts, Answer::error(500, "no list today"));
    const ExampleRun example = run(EXAMPLE_BLOCKING);
    EXPECT_EQ(example.exit_code, 1);
    EXPECT_THAT(example.output, EndsWith("blocking: no list today\n"));
    EXPECT_TRUE(service_.state().hosts().empty());
}

TEST_F(ExamplesTest, ManyHostsAreMadeAllAtOnce)
{
    service_.answer_always(Operation::create_host, Answer::genuine().held());
    std::thread releaser{[this] {
        EXPECT_TRUE(service_.wait_for_answers_held(12));
        service_.release();
    }};
    const ExampleRun example = run(EXAMPLE_MANY_HOSTS, "12");
    releaser.join();
    EXPECT_EQ(example.exit_code, 0);
    EXPECT_THAT(example.output, EndsWith("12 of 12 went well\n"));
}

TEST_F(ExamplesTest, ManyHostsGoOnWhenOneFails)
{
    service_.state().fail_next_create("ProviderError: out of quota");
    const ExampleRun example = run(EXAMPLE_MANY_HOSTS, "3");
    EXPECT_EQ(example.exit_code, 1);
    EXPECT_THAT(example.output, HasSubstr("many_hosts: create_host: ProviderError: out of quota\n"));
    EXPECT_THAT(example.output, EndsWith("2 of 3 went well\n"));
}

TEST_F(ExamplesTest, IdempotentRetryGetsOneSandboxOverABadNetwork)
{
    service_.drop_connections();
    service_.answer(Operation::create_host, Answer::error(503, "maintenance"));
    service_.answer(Operation::create_host, Answer::genuine().cut());
    const ExampleRun example = run(EXAMPLE_IDEMPOTENT_RETRY, "7");
    EXPECT_EQ(example.exit_code, 0) << example.output;
    EXPECT_EQ(service_.state().hosts().size(), 1U);
    ASSERT_EQ(service_.requests().size(), 3U);
    for (const auto& request : service_.requests()) {
        EXPECT_EQ(request.header("Idempotency-Key"), "job-7");
    }
}

TEST_F(ExamplesTest, IdempotentRetryDoesNotRepeatWhatCannotSucceed)
{
    service_.answer_always(Answer::error(403, "service token rejected"));
    const ExampleRun example = run(EXAMPLE_IDEMPOTENT_RETRY);
    EXPECT_EQ(example.exit_code, 1);
    EXPECT_EQ(example.output, "idempotent_retry: service token rejected\n");
    EXPECT_EQ(service_.requests().size(), 1U);
}

} // namespace
} // namespace drukbox
