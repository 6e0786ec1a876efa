#include "providers/run.hpp"
#include "service/providers/hetzner/hetzner_provider.hpp"
#include "support/scripted_server.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

namespace drukbox::service::hetzner {
namespace {

using test::http_answer;
using test::Peer;
using test::ScriptedServer;

const std::string key = http_answer(R"({"ssh_key":{"id":7,"name":"drukbox-sb-1"}})", "201 Created");

std::string server(const std::string& rest)
{
    return http_answer(R"({"server":{"id":8,"name":"sb-1",)" + rest + "}}", "200 OK");
}

const std::string made = server(R"("status":"initializing","public_net":{"ipv4":null})");
const std::string running = server(R"("status":"running","public_net":{"ipv4":{"ip":"192.0.2.7"}})");

/// A cloud that says what a test wants in turn, its last word again and again.
class HetznerFaultsTest : public testing::Test
{
protected:
    HetznerFaultsTest()
    {
        settings_.api_token = Redacted{"s3cret-token"};
        settings_.location = "fsn1";
        settings_.service_label = "drukbox";
        settings_.api_timeout = std::chrono::seconds{1};
        settings_.poll_interval = std::chrono::milliseconds{1};
        spec_.name = "sb-1";
        spec_.image = "image";
        spec_.host_key = Redacted{"s3cret-host-key"};
        spec_.env["TOKEN"] = Redacted{"s3cret-value"};
    }

    ~HetznerFaultsTest() override { blocking_.join(); }

    template <class Result>
    std::string failure(std::vector<std::string> answers,
                        boost::asio::awaitable<Result> (*call)(Provider&, VmSpec))
    {
        std::size_t next = 0;
        ScriptedServer cloud{[&](Peer& peer) {
            const auto request = peer.read_message();
            std::string answer;
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(request.substr(0, request.find(" HTTP/")));
                answer = answers.at(std::min(next++, answers.size() - 1));
            }
            if (answer == "silence") {
                peer.wait_closed();
            }
            peer.send(answer);
        }};
        settings_.api_url = cloud.url("");
        const auto provider = make_hetzner_provider(reactor_.get_executor(), blocking_, settings_);
        try {
            static_cast<void>(test::run_on(reactor_, call(*provider, spec_)));
        } catch (const ProviderError& error) {
            return error.kind() + ": " + error.what();
        }
        return "none";
    }

    std::string create_failure(std::vector<std::string> answers)
    {
        return failure<Vm>(std::move(answers),
                           [](Provider& provider, VmSpec spec) { return provider.create(std::move(spec)); });
    }

    HetznerSettings settings_;
    VmSpec spec_;
    std::vector<std::string> requests_;
    std::mutex mutex_;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{1};
};

TEST_F(HetznerFaultsTest, ACreateIsAKeyAServerAndLooksUntilItHasItsAddress)
{
    const auto no_ip = server(R"("status":"running","public_net":{"ipv4":{"ip":null}})");
    const auto no_net = server(R"("status":"starting","public_net":null)");
    EXPECT_EQ(create_failure({key, made, made, no_net, no_ip, running}), "none");
    EXPECT_THAT(requests_, testing::ElementsAre("POST /ssh_keys", "POST /servers", "GET /servers/8",
                                                "GET /servers/8", "GET /servers/8", "GET /servers/8"));
}

TEST_F(HetznerFaultsTest, EveryNonsenseAtEveryStepIsANeutralError)
{
    const std::vector<std::string> good{key, made, running};
    for (std::size_t step = 0; step < good.size(); ++step) {
        for (
            const auto& bad : {
                http_answer("<html>oops</html>", "500 Internal Server Error"),
                http_answer("<html>oops</html>"),
                http_answer(""),
                http_answer("{}"),
                http_answer("[null]"),
                http_answer(R"({"ssh_key":null,"server":null})"),
                http_answer(R"({"ssh_key":{"id":null},"server":{"id":8,"name":"x","status":null}})"),
                http_answer(R"({"ssh_key":{"id":"x","name":"x"},"server":{"id":1.5,"name":"x"}})"),
                http_answer(
                    R"({"server":{"id":8,"name":"x","status":"running","public_net":{"ipv4":{"ip":"a b"}}}})"),
                http_answer(R"({"error":{"code":"x","message":"not with s3cret-token, s3cret-value"}})",
                            "400 Bad Request"),
                std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"},
                std::string{"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"},
                std::string{"SSH-2.0-OpenSSH\r\n"},
                std::string{},
            }) {
            auto answers =
                std::vector<std::string>(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(step));
            answers.push_back(bad);
            const auto text = create_failure(answers);
            EXPECT_THAT(text, testing::ContainsRegex("^Provider[A-Za-z]+: hetzner ")) << step << " " << bad;
            // What the server's own call carried may come back in its error.
            EXPECT_THAT(text, testing::Not(testing::HasSubstr(step == 1 ? "s3cret" : "s3cret-token")))
                << step << " " << bad;
        }
    }
}

TEST_F(HetznerFaultsTest, SaysWhatTheCloudSays)
{
    EXPECT_EQ(create_failure({key, http_answer(R"({"error":{"code":"resource_unavailable",)"
                                               R"("message":"error during placement"}})",
                                               "412 Precondition Failed")}),
              "ProviderError: hetzner failed to make the server: error during placement");
    EXPECT_EQ(create_failure({http_answer(R"({"error":{"code":"unauthorized","message":"unable to )"
                                          R"(authenticate"}})",
                                          "401 Unauthorized")}),
              "ProviderAuthError: hetzner failed to store an SSH key: unable to authenticate");
    EXPECT_EQ(create_failure({key, made, http_answer("{}", "404 Not Found")}),
              "ProviderError: hetzner ended the server before it ran");
    EXPECT_EQ(create_failure({key, made, server(R"("status":"deleting")")}),
              "ProviderError: hetzner ended the server before it ran");
    EXPECT_EQ(create_failure({"silence"}), "ProviderUnavailable: hetzner did not answer in time");
}

TEST_F(HetznerFaultsTest, GivesUpOnAServerThatDoesNotRunInTime)
{
    settings_.boot_timeout = std::chrono::seconds{1};
    EXPECT_EQ(create_failure({key, made}), "ProviderTimeout: hetzner did not run the server within 1 s");
}

TEST_F(HetznerFaultsTest, BearsAFewFailedLooks)
{
    const auto oops = http_answer("<html>oops</html>", "502 Bad Gateway");
    EXPECT_EQ(create_failure({key, made, oops, oops, http_answer(""), running}), "none");
}

TEST_F(HetznerFaultsTest, WaitsAsToldWithinTheBudgetOfTheCreate)
{
    const std::string slow = "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(create_failure({slow, key, slow, slow, made, slow, running}), "none");
    settings_.boot_timeout = std::chrono::seconds{2};
    EXPECT_THAT(create_failure({"HTTP/1.1 429 Slow\r\nRateLimit-Reset: 60\r\nContent-Length: 0\r\n\r\n"}),
                testing::StartsWith("ProviderThrottled: hetzner asks to be left alone for another "));
}

TEST_F(HetznerFaultsTest, RefusesWhatUserDataCannotCarryBeforeAnythingExists)
{
    spec_.env["A"] = Redacted{std::string{"x\0y", 3}};
    EXPECT_EQ(create_failure({key}),
              "ProviderError: hetzner cannot carry the NUL in the value of the variable A");
    spec_.env["A"] = Redacted{std::string(40'000, 'x')};
    EXPECT_THAT(create_failure({key}), testing::StartsWith("ProviderError: hetzner carries at most 32768 "));
    EXPECT_THAT(requests_, testing::IsEmpty());
}

TEST_F(HetznerFaultsTest, RemovesTheKeyFirstAndAlsoWhenThereIsNoServer)
{
    const auto remove = [](Provider& provider, VmSpec spec) -> boost::asio::awaitable<int> {
        co_await provider.remove(spec.name);
        co_return 0;
    };
    const auto keys = http_answer(R"({"ssh_keys":[{"id":7,"name":"drukbox-sb-1"},{"id":9,"name":"other"},)"
                                  R"({"id":10,"name":"drukbox-sb-1","labels":{"managed-by":"another"}}]})");
    const std::string gone = "HTTP/1.1 204 No Content\r\n\r\n";
    EXPECT_EQ(failure<int>({keys, gone, http_answer(R"({"servers":[]})")}, remove), "none");
    EXPECT_THAT(requests_, testing::ElementsAre("GET /ssh_keys?name=drukbox-sb-1", "DELETE /ssh_keys/7",
                                                "GET /servers?name=sb-1"));
    requests_.clear();
    const auto servers =
        http_answer(R"({"servers":[)"
                    R"({"id":8,"name":"sb-1","status":"off","labels":{"managed-by":"drukbox"}},)"
                    R"({"id":11,"name":"sb-1","status":"off","labels":{"managed-by":"x"}},)"
                    R"({"id":12,"name":"sb-1","status":"off"}]})");
    const auto missing = http_answer(R"({"error":{"code":"not_found","message":"gone"}})", "404 Not Found");
    EXPECT_EQ(failure<int>({http_answer(R"({"ssh_keys":[]})"), servers, missing}, remove), "none");
    EXPECT_THAT(requests_, testing::ElementsAre("GET /ssh_keys?name=drukbox-sb-1", "GET /servers?name=sb-1",
                                                "DELETE /servers/8"));
}

TEST_F(HetznerFaultsTest, ReadsEveryPageOfItsServersAndNoOthers)
{
    const auto page = [](int id, const std::string& label, const std::string& next) {
        return http_answer(R"({"servers":[{"id":)" + std::to_string(id) +
                           R"(,"name":"n","status":"running","labels":{"managed-by":")" + label +
                           R"(","drukbox-host-name":"sb-)" + std::to_string(id) +
                           R"("}}],"meta":{"pagination":{"next_page":)" + next + "}}}");
    };
    const auto list = [](Provider& provider, VmSpec) -> boost::asio::awaitable<int> {
        std::vector<std::string> names;
        const auto machines = co_await provider.list();
        for (const auto& machine : machines) {
            names.push_back(machine.name);
        }
        EXPECT_THAT(names, testing::ElementsAre("sb-1", "sb-3"));
        co_return 0;
    };
    EXPECT_EQ(failure<int>({page(1, "drukbox", "2"), page(2, "x", "3"), page(3, "drukbox", "3")}, list),
              "none");
    EXPECT_THAT(requests_, testing::ElementsAre(
                               "GET /servers?label_selector=managed-by%3D%3Ddrukbox&per_page=50&page=1",
                               "GET /servers?label_selector=managed-by%3D%3Ddrukbox&per_page=50&page=2",
                               "GET /servers?label_selector=managed-by%3D%3Ddrukbox&per_page=50&page=3"));
}

} // namespace
} // namespace drukbox::service::hetzner
