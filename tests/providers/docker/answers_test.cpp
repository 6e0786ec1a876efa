#include "service/providers/docker/answers.hpp"
#include "service/providers/docker/pull_progress.hpp"
#include "service/remote/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::docker {
namespace {

/// What a parser says of a text that is no such answer; "none" when it takes it.
template <class Parse>
std::string refusal(const Parse& parse, std::string_view body)
{
    try {
        static_cast<void>(parse(body));
    } catch (const MalformedAnswer& error) {
        return error.what();
    }
    return "none";
}

TEST(DockerAnswersTest, ReadWhatBothEnginesSay)
{
    EXPECT_EQ(parse_created(R"({"Id":"e8e0a4","Warnings":[]})"), "e8e0a4");
    EXPECT_EQ(parse_version(R"({"Version":"20.10.24","ApiVersion":"1.41"})"), "20.10.24");
    const auto running = parse_state(R"({"State":{"Running":true,"ExitCode":0},"NetworkSettings":{"Ports":
        {"22/tcp":[{"HostIp":"127.0.0.1","HostPort":"32768"}]}}})");
    EXPECT_TRUE(running.running);
    EXPECT_EQ(running.ssh_port, 32768);
    const auto ended =
        parse_state(R"({"State":{"Running":false,"ExitCode":64},"NetworkSettings":{"Ports":{}}})");
    EXPECT_FALSE(ended.running);
    EXPECT_EQ(ended.exit_code, 64);
    const auto list = parse_list(R"([{"Id":"ab","State":"running","Labels":{"drukbox-host-name":"sb-1"}},
        {"Id":"cd","State":"exited","Labels":{"drukbox-host-name":"sb-2"}},{"Id":"ef","State":"running","Labels":null}])");
    ASSERT_EQ(list.size(), 2U);
    EXPECT_TRUE(list[0].running);
    EXPECT_EQ(list[1].name, "sb-2");
    EXPECT_FALSE(list[1].running);
}

TEST(DockerAnswersTest, NameTheProviderAndWhatIsMissing)
{
    const auto created = [](std::string_view body) { return parse_created(body); };
    const auto state = [](std::string_view body) { return parse_state(body).running; };
    const auto list = [](std::string_view body) { return parse_list(body).size(); };
    for (const auto* body : {"", "<html>502</html>", "{", "null", "[]", "7"}) {
        EXPECT_THAT(refusal(created, body), testing::StartsWith("docker answered ")) << body;
        EXPECT_THAT(refusal(state, body), testing::StartsWith("docker answered ")) << body;
    }
    EXPECT_EQ(refusal(created, R"({"Id":null})"), "docker answered something unexpected: Id is missing");
    EXPECT_EQ(refusal(created, R"({"Id":"../../x"})"), "docker answered a container id that is none");
    EXPECT_EQ(refusal(state, R"({"State":{"Running":null}})"),
              "docker answered something unexpected: State.Running is missing");
    EXPECT_EQ(refusal(state, R"({"State":{"Running":true},"NetworkSettings":{"Ports":{"22/tcp":[{}]}}})"),
              "docker answered something unexpected: NetworkSettings.Ports.22/tcp[0].HostPort is missing");
    EXPECT_EQ(
        refusal(
            state,
            R"({"State":{"Running":true},"NetworkSettings":{"Ports":{"22/tcp":[{"HostPort":"99999"}]}}})"),
        "docker answered a port that is none");
    EXPECT_EQ(refusal(list, R"({"message":"x"})"),
              "docker answered something unexpected: the answer is not a list");
}

TEST(DockerAnswersTest, TakeAContainerWithoutAPublishedPortForOne)
{
    EXPECT_EQ(
        parse_state(R"({"State":{"Running":true},"NetworkSettings":{"Ports":{"22/tcp":null}}})").ssh_port, 0);
    EXPECT_EQ(parse_state(R"({"State":{"Running":true}})").ssh_port, 0);
}

TEST(DockerAnswersTest, UnwrapALog)
{
    const std::string framed{"\x02\0\0\0\0\0\0\x03"
                             "abc"
                             "\x01\0\0\0\0\0\0\x02"
                             "d\n",
                             21};
    EXPECT_EQ(parse_log(framed), "abcd\n");
    EXPECT_EQ(parse_log("plain text"), "plain text");
    EXPECT_EQ(parse_log(std::string_view{"\x02\0\0\0\xff\xff\xff\xff"
                                         "ab",
                                         10}),
              "ab");
}

TEST(PullProgressTest, SumsUpLayersOfLinesInAnyPieces)
{
    PullProgress progress;
    const std::string text = R"({"status":"Pulling fs layer","progressDetail":{},"id":"a"}
{"status":"Downloading","progressDetail":{"current":10,"total":100},"id":"a"}
not json
{"status":"Downloading","progressDetail":{"current":5,"total":50},"id":"b"}
{"status":"Downloading","progressDetail":{"current":90,"total":100},"id":"a"}
)";
    for (std::size_t i = 0; i < text.size(); i += 7) {
        progress.take(std::string_view{text}.substr(i, 7));
        progress.update();
    }
    EXPECT_EQ(progress.layers(), 2U);
    EXPECT_EQ(progress.bytes(), 95);
    EXPECT_EQ(progress.total(), 150);
    EXPECT_EQ(progress.error(), std::nullopt);
}

TEST(PullProgressTest, FindsTheErrorInASuccessfulAnswer)
{
    PullProgress progress;
    progress.take("{\"errorDetail\":{\"message\":\"denied\"},\"error\":\"denied\"}\n");
    progress.update();
    EXPECT_EQ(progress.error(), "denied");
}

} // namespace
} // namespace drukbox::service::docker
