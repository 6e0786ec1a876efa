#include "providers/run.hpp"
#include "service/providers/docker/docker_provider.hpp"
#include "support/scripted_server.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

namespace drukbox::service::docker {
namespace {

using test::Peer;
using test::ScriptedServer;

const std::string created = test::http_answer(R"({"Id":"ab12"})", "201 Created");
const std::string uploaded = test::http_answer("");
const std::string started = "HTTP/1.1 204 No Content\r\n\r\n";
const std::string running = test::http_answer(
    R"({"State":{"Running":true},"NetworkSettings":{"Ports":{"22/tcp":[{"HostPort":"1"}]}}})");

/// An engine that says what a test wants at each step of a create, on connections of one request.
class EngineFaultsTest : public testing::Test
{
protected:
    ~EngineFaultsTest() override { blocking_.join(); }

    std::unique_ptr<Provider> provider(const ScriptedServer& server)
    {
        Environment environment;
        environment.add("DOCKER_HOST", "tcp://127.0.0.1:" + std::to_string(server.port()));
        environment.add("DOCKER_API_TIMEOUT", "1");
        return make_docker_provider(reactor_.get_executor(), blocking_,
                                    DockerSettings::load(environment, "l"));
    }

    /// What a create throws when the engine gives these answers in turn.
    std::string failure(std::vector<std::string> answers, const std::string& image = "image")
    {
        std::atomic<std::size_t> next = 0;
        ScriptedServer server{[&](Peer& peer) {
            const auto request = peer.read_message();
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(request.substr(0, request.find(" HTTP/")));
            }
            const auto step = next++;
            if (step < answers.size()) {
                peer.send(answers[step]);
            } else {
                peer.wait_closed();
            }
        }};
        const auto docker = provider(server);
        VmSpec spec;
        spec.name = "sb-1";
        spec.image = image;
        spec.env["TOKEN"] = Redacted{"s3cret-token"};
        try {
            static_cast<void>(test::run_on(reactor_, docker->create(std::move(spec))));
        } catch (const ProviderError& error) {
            return error.what();
        }
        return "it was made";
    }

    std::vector<std::string> requests_;
    std::mutex mutex_;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{1};
};

TEST_F(EngineFaultsTest, ACreateTakesFourCalls)
{
    EXPECT_EQ(failure({created, uploaded, started, running}), "it was made");
    EXPECT_THAT(requests_, testing::ElementsAre("POST /containers/create?name=sb-1",
                                                "PUT /containers/ab12/archive?path=%2F",
                                                "POST /containers/ab12/start", "GET /containers/ab12/json"));
}

TEST_F(EngineFaultsTest, EveryNonsenseAtEveryStepIsANeutralError)
{
    const std::vector<std::string> good{created, uploaded, started, running};
    for (std::size_t step = 0; step < good.size(); ++step) {
        for (const auto& bad :
             {test::http_answer("<html>oops</html>", "500 Internal Server Error"),
              test::http_answer("", "500 Internal Server Error"),
              test::http_answer(R"({"message":"it has s3cret-token"})", "400 Bad Request"),
              std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"},
              std::string{"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"},
              std::string{"SSH-2.0-OpenSSH\r\n"}, std::string{}}) {
            auto answers =
                std::vector<std::string>(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(step));
            answers.push_back(bad);
            const auto text = failure(answers);
            EXPECT_THAT(text, testing::StartsWith("docker ")) << step << " " << bad;
        }
    }
}

TEST_F(EngineFaultsTest, WhatIsNotJsonOrLacksAFieldIsSaid)
{
    EXPECT_EQ(failure({test::http_answer("<html>")}), "docker answered something that is not JSON");
    EXPECT_EQ(failure({test::http_answer("")}), "docker answered nothing where JSON was expected");
    EXPECT_EQ(failure({test::http_answer(R"({"message":"bad s3cret-token"})", "400 Bad Request")}),
              "docker failed to create the container: bad <redacted>");
    EXPECT_EQ(failure({created, uploaded, started, test::http_answer(R"({"State":null})")}),
              "docker answered something unexpected: State is missing");
    EXPECT_EQ(failure({created, uploaded, started, test::http_answer(R"({"State":{"Running":true}})")}),
              "docker published no port for the container");
}

TEST_F(EngineFaultsTest, SilenceEndsInTime)
{
    EXPECT_EQ(failure({created}), "docker did not answer in time");
}

TEST_F(EngineFaultsTest, AMissingImageIsPulledOnceAndItsErrorIsSaid)
{
    const auto missing = test::http_answer(R"({"message":"No such image"})", "404 Not Found");
    EXPECT_EQ(failure({missing, test::http_answer("{\"error\":\"denied for you\"}\n")}, "registry:5000/a/b"),
              "docker failed to pull the image registry:5000/a/b: denied for you");
    EXPECT_EQ(requests_.back(), "POST /images/create?fromImage=registry%3A5000%2Fa%2Fb&tag=latest");
    requests_.clear();
    EXPECT_EQ(
        failure({missing, test::http_answer("{\"status\":\"done\"}\n"), created, uploaded, started, running},
                "a:1"),
        "it was made");
    EXPECT_EQ(requests_[1], "POST /images/create?fromImage=a&tag=1");
    EXPECT_THAT(failure({missing}, "localhost/drukbox/sandbox:latest"),
                testing::HasSubstr("images/sandbox/build makes and imports the usual one"));
}

TEST_F(EngineFaultsTest, AContainerThatEndsAtOnceTellsWhatItPrinted)
{
    const auto listed =
        test::http_answer(R"([{"Id":"ab12","State":"exited","Labels":{"drukbox-host-name":"sb-1"}}])");
    const auto ended = test::http_answer(R"({"State":{"Running":false,"ExitCode":64}})");
    EXPECT_EQ(failure({created, uploaded, started, ended, listed, ended,
                       test::http_answer("no key, s3cret-token\n")}),
              "the container ended with exit code 64: no key, <redacted>");
}

} // namespace
} // namespace drukbox::service::docker
