#include "support/peer.hpp"
#include "testing/fixture.hpp"

#include <chrono>
#include <string>

namespace drukbox::test {
namespace {

using namespace drukbox::testing;

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AnswerTest : public ServiceTest
{
protected:
    /// The bytes that come back for a request, until the connection is closed.
    [[nodiscard]] std::string bytes_of(Answer answer)
    {
        service_.answer(std::move(answer));
        test::Peer peer = test::Peer::connect(service_.port());
        peer.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        return peer.read_to_end();
    }
};

TEST_F(AnswerTest, IsSentAsItIsScripted)
{
    EXPECT_EQ(bytes_of(Answer::json(200, "[1]")),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]");
    EXPECT_EQ(bytes_of(Answer::text(502, "text/html", "<p>")),
              "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>");
    EXPECT_EQ(bytes_of(Answer::empty(204)), "HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(bytes_of(Answer::empty(200)), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(bytes_of(Answer::empty(204).header("X-Request-ID", "7")),
              "HTTP/1.1 204 No Content\r\nX-Request-ID: 7\r\n\r\n");
    EXPECT_EQ(bytes_of(Answer::raw("\x01nonsense")), "\x01nonsense");
    EXPECT_EQ(bytes_of(Answer::drop()), "");
}

TEST_F(AnswerTest, HasTheServicesFormOfAnError)
{
    EXPECT_THAT(bytes_of(Answer::error(503, "a \"b\"")), EndsWith("\r\n\r\n"
                                                                  R"({"detail":"a \"b\""})"));
    EXPECT_THAT(bytes_of(Answer::error(409, "no", "HOST_STATE")),
                EndsWith(R"({"detail":"no","error_code":"HOST_STATE"})"));
}

TEST_F(AnswerTest, HoldsTheRecordOfAHost)
{
    const SandboxHost host = state_.add_host();
    service_.answer(Answer::host(200, host));
    EXPECT_EQ(client_.get_host("any"), host);
    service_.answer(Answer::hosts({host, host}));
    EXPECT_EQ(client_.list_hosts(), (std::vector<SandboxHost>{host, host}));
}

TEST_F(AnswerTest, IsCutWhereItIsToBe)
{
    const Answer answer = Answer::text(200, "text/plain", "0123456789");
    EXPECT_EQ(bytes_of(answer.cut()), "");
    EXPECT_THAT(bytes_of(answer.cut(Moment::in_head)),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), ::testing::Not(HasSubstr("\r\n\r\n"))));
    EXPECT_THAT(bytes_of(answer.cut(Moment::in_body)), EndsWith("Content-Length: 10\r\n\r\n01234"));
    EXPECT_EQ(bytes_of(Answer::empty(204).cut(Moment::in_body)), "HTTP/1.1 204 No Content\r\n");
    EXPECT_EQ(bytes_of(Answer::raw("x").cut(Moment::in_body)), "");
}

TEST_F(AnswerTest, CutShortIsNoAnswerToAClient)
{
    for (const Moment moment : {Moment::before_answer, Moment::in_head, Moment::in_body}) {
        service_.answer(Answer::genuine().cut(moment));
        EXPECT_THROW((void)client_.doctor(), SandboxUnavailableError);
    }
    EXPECT_TRUE(client_.doctor().ok);
}

TEST_F(AnswerTest, ThatIsLostHasDoneItsWork)
{
    service_.answer(Operation::create_host, Answer::genuine().cut());
    const auto request = CreateHostRequest{}.idempotency_key("k");
    const auto error = error_of<SandboxUnavailableError>([&] { client_.create_host(request); });
    EXPECT_TRUE(error.retryable());
    ASSERT_EQ(state_.hosts().size(), 1U);
    EXPECT_EQ(client_.create_host(request).id, state_.hosts().front().id);
    EXPECT_EQ(state_.hosts().size(), 1U);
}

TEST_F(AnswerTest, ForItsOperationComesBeforeThoseForAny)
{
    service_.answer_always(Answer::error(500, "always"));
    service_.answer_always(Operation::doctor, Answer::error(500, "always doctor"));
    service_.answer(Answer::error(500, "next"));
    service_.answer(Operation::doctor, Answer::error(500, "next doctor"));
    const auto doctor = [this] { (void)client_.doctor(); };
    const auto list = [this] { (void)client_.list_hosts(); };
    EXPECT_EQ(error_of<SandboxResponseError>(doctor).detail(), "next doctor");
    EXPECT_EQ(error_of<SandboxResponseError>(doctor).detail(), "next");
    EXPECT_EQ(error_of<SandboxResponseError>(doctor).detail(), "always doctor");
    EXPECT_EQ(error_of<SandboxResponseError>(list).detail(), "always");
    EXPECT_EQ(error_of<SandboxResponseError>(list).detail(), "always");
    service_.clear_answers();
    EXPECT_TRUE(client_.doctor().ok);
}

TEST_F(AnswerTest, ComesAfterItsPause)
{
    service_.answer(
        Answer::genuine().delayed(1ms).delayed(1ms, Moment::in_head).delayed(1ms, Moment::in_body));
    EXPECT_TRUE(client_.doctor().ok);
}

TEST_F(AnswerTest, IsGivenUpWhenTheClientDoesNotWaitForIt)
{
    service_.answer(Answer::genuine().delayed(1h));
    EXPECT_THROW((void)client_.with_timeout(50ms).doctor(), SandboxUnavailableError);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
    service_.answer(Answer::genuine().delayed(1h, Moment::in_body));
    EXPECT_THROW((void)client_.with_timeout(50ms).doctor(), SandboxUnavailableError);
    EXPECT_TRUE(service_.wait_until_connections_open(0));
}

} // namespace
} // namespace drukbox::test
