#include "testing/fixture.hpp"

#include <chrono>
#include <future>
#include <optional>

namespace drukbox::test {
namespace {

using namespace drukbox::testing;

using namespace std::chrono_literals;

class GateTest : public ServiceTest
{
protected:
    [[nodiscard]] std::future<bool> ask()
    {
        return std::async(std::launch::async, [this] { return client_.doctor().ok; });
    }

    static bool is_done(const std::future<bool>& answer)
    {
        return answer.wait_for(0s) == std::future_status::ready;
    }
};

TEST_F(GateTest, HoldsAnswersUntilTheyAreReleased)
{
    service_.answer_always(Answer::genuine().held());
    auto first = ask();
    auto second = ask();
    ASSERT_TRUE(service_.wait_for_answers_held(2));
    EXPECT_EQ(service_.answers_held(), 2U);
    EXPECT_FALSE(is_done(first) || is_done(second));
    service_.release();
    EXPECT_TRUE(first.get() && second.get());
    EXPECT_TRUE(client_.doctor().ok) << "those to come are released too";
    EXPECT_EQ(service_.answers_held(), 0U);
}

TEST_F(GateTest, LetsTheOneGoThatHasBeenHeldTheLongest)
{
    service_.answer_always(Answer::genuine().held());
    auto first = ask();
    ASSERT_TRUE(service_.wait_for_answers_held(1));
    auto second = ask();
    ASSERT_TRUE(service_.wait_for_answers_held(2));
    service_.release_one();
    EXPECT_TRUE(first.get());
    EXPECT_EQ(service_.answers_held(), 1U);
    EXPECT_FALSE(is_done(second));
    service_.release_one();
    EXPECT_TRUE(second.get());
}

TEST_F(GateTest, LetsTheNextOneGoWhenNoneIsHeld)
{
    service_.answer_always(Answer::genuine().held());
    service_.release_one();
    EXPECT_TRUE(client_.doctor().ok);
    EXPECT_THROW((void)client_.with_timeout(50ms).doctor(), SandboxUnavailableError);
}

TEST_F(GateTest, HoldsAgainWhenItIsToldTo)
{
    service_.answer_always(Answer::genuine().held());
    service_.release();
    EXPECT_TRUE(client_.doctor().ok);
    service_.hold_again();
    auto answer = ask();
    ASSERT_TRUE(service_.wait_for_answers_held(1));
    service_.release();
    EXPECT_TRUE(answer.get());
}

TEST_F(GateTest, HoldsAnAnswerInTheMiddle)
{
    for (const Moment moment : {Moment::in_head, Moment::in_body}) {
        service_.answer(Answer::genuine().held(moment));
        auto answer = ask();
        ASSERT_TRUE(service_.wait_for_answers_held(1));
        EXPECT_FALSE(is_done(answer));
        service_.release_one();
        EXPECT_TRUE(answer.get());
    }
}

TEST_F(GateTest, GivesAnAnswerUpWhenTheClientHasGone)
{
    service_.answer(Answer::genuine().held());
    EXPECT_THROW((void)client_.with_timeout(50ms).doctor(), SandboxUnavailableError);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
    EXPECT_EQ(service_.answers_held(), 0U);
}

TEST_F(GateTest, DoesNotOutliveTheService)
{
    std::optional<FakeService> service{std::in_place};
    service->answer_always(Answer::genuine().held());
    const SandboxClient client{service->config()};
    auto answer =
        std::async(std::launch::async, [&] { EXPECT_THROW((void)client.doctor(), SandboxUnavailableError); });
    ASSERT_TRUE(service->wait_for_answers_held(1));
    service.reset();
    answer.get();
}

TEST_F(GateTest, DoesNotHoldAConnectionThatIsClosed)
{
    service_.answer(Answer::genuine().held());
    auto answer = std::async(std::launch::async,
                             [this] { EXPECT_THROW((void)client_.doctor(), SandboxUnavailableError); });
    ASSERT_TRUE(service_.wait_for_answers_held(1));
    service_.close_connections();
    answer.get();
    EXPECT_TRUE(service_.wait_until_connections_open(0));
    EXPECT_TRUE(client_.doctor().ok);
}

} // namespace
} // namespace drukbox::test
