#include "providers/run.hpp"
#include "service/providers/exoscale/exoscale_provider.hpp"
#include "service/providers/exoscale/signature.hpp"
#include "support/scripted_server.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

namespace drukbox::service::exoscale {
namespace {

using test::http_answer;
using test::Peer;
using test::ScriptedServer;

const std::string templates = http_answer(
    R"({"templates":[{"id":"t-1","name":"image","created-at":"2026-01-01T00:00:00Z"},)"
    R"({"id":"t-2","name":"image","created-at":"2026-02-01T00:00:00Z"},{"id":"t-3","name":"other"}]})");
const std::string types =
    http_answer(R"({"instance-types":[{"id":"i-1","family":"standard","size":"medium"}]})");
const std::string done = http_answer(R"({"id":"o","state":"pending","reference":{"id":"n-1"}})");
const std::string starting = http_answer(R"({"id":"n-1","name":"sb-1","state":"starting","public-ip":null})");
const std::string running =
    http_answer(R"({"id":"n-1","name":"sb-1","state":"running","public-ip":"192.0.2.7"})");

/// A cloud that says what a test wants in turn, its last word again and again.
class ExoscaleFaultsTest : public testing::Test
{
protected:
    ExoscaleFaultsTest()
    {
        settings_.api_key = "EXOkey";
        settings_.api_secret = Redacted{"s3cret-secret"};
        settings_.zone = "ch-gva-2";
        settings_.service_label = "drukbox";
        settings_.api_timeout = std::chrono::seconds{1};
        settings_.poll_interval = std::chrono::milliseconds{1};
        spec_.name = "sb-1";
        spec_.image = "image";
        spec_.host_key = Redacted{"s3cret-host-key"};
        spec_.env["TOKEN"] = Redacted{"s3cret-value"};
    }

    ~ExoscaleFaultsTest() override { blocking_.join(); }

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
                bodies_.push_back(request.substr(request.find("\r\n\r\n") + 4));
                answer = answers.at(std::min(next++, answers.size() - 1));
            }
            if (answer == "silence") {
                peer.wait_closed();
            }
            peer.send(answer);
        }};
        settings_.api_url = cloud.url("/v2");
        const auto provider = make_exoscale_provider(reactor_.get_executor(), blocking_, settings_);
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

    ExoscaleSettings settings_;
    VmSpec spec_;
    std::vector<std::string> requests_;
    std::vector<std::string> bodies_;
    std::mutex mutex_;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{1};
};

TEST_F(ExoscaleFaultsTest, ACreateIsNamesAKeyAnInstanceAndLooksUntilItHasItsAddress)
{
    EXPECT_EQ(create_failure({templates, types, done, done, starting, running}), "none");
    EXPECT_THAT(requests_,
                testing::ElementsAre("GET /v2/template", "GET /v2/instance-type", "POST /v2/ssh-key",
                                     "POST /v2/instance", "GET /v2/instance/n-1", "GET /v2/instance/n-1"));
    EXPECT_THAT(bodies_.at(3), testing::HasSubstr(R"("template":{"id":"t-2"},"instance-type":{"id":"i-1"},)"
                                                  R"("disk-size":50,"ssh-key":{"name":"drukbox-sb-1"})"));
}

TEST_F(ExoscaleFaultsTest, EveryNonsenseAtEveryStepIsANeutralError)
{
    const std::vector<std::string> good{templates, types, done, done, running};
    for (std::size_t step = 0; step < good.size(); ++step) {
        for (const auto& bad : {
                 http_answer("<html>oops</html>", "500 Internal Server Error"),
                 http_answer(R"({"message":"not with s3cret-value"})", "400 Bad Request"),
                 std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"},
                 std::string{"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"},
                 std::string{"SSH-2.0-OpenSSH\r\n"},
                 std::string{},
                 http_answer("<html>oops</html>"),
                 http_answer(""),
                 http_answer("{}"),
                 http_answer("[null]"),
                 http_answer(R"({"templates":null,"instance-types":[null],"reference":{"id":null},"id":1})"),
                 http_answer(R"({"templates":[],"instance-types":[],"reference":{"id":"a/b"},"id":"a/b"})"),
                 http_answer(R"({"id":"n","name":"x","state":"running","public-ip":"a b"})"),
             }) {
            auto answers =
                std::vector<std::string>(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(step));
            answers.push_back(bad);
            const auto text = create_failure(answers);
            EXPECT_THAT(text, testing::ContainsRegex("^Provider[A-Za-z]+: exoscale ")) << step << " " << bad;
            // What the instance's own call carried may come back in its error.
            if (step == 3) {
                EXPECT_THAT(text, testing::Not(testing::HasSubstr("s3cret"))) << bad;
            }
        }
    }
}

TEST_F(ExoscaleFaultsTest, SaysWhatTheCloudSays)
{
    EXPECT_EQ(create_failure({templates, http_answer(R"({"instance-types":[]})")}),
              "ProviderError: exoscale has no instance type standard.medium");
    EXPECT_EQ(create_failure({http_answer(R"({"templates":[]})")}),
              "ProviderError: exoscale has no template named image");
    EXPECT_EQ(
        create_failure({templates, types, done, http_answer(R"({"message":"quota"})", "403 Forbidden")}),
        "ProviderAuthError: exoscale failed to make the instance: quota");
    EXPECT_EQ(create_failure({templates, types, done,
                              http_answer(R"({"state":"failure","reason":"unavailable","message":null})")}),
              "ProviderError: exoscale could not do it: unavailable");
    EXPECT_EQ(create_failure({templates, types, done, done,
                              http_answer(R"({"id":"n-1","name":"sb-1","state":"error"})")}),
              "ProviderError: exoscale ended the instance before it ran");
    EXPECT_EQ(create_failure({"silence"}), "ProviderUnavailable: exoscale did not answer in time");
    settings_.boot_timeout = std::chrono::seconds{1};
    EXPECT_EQ(create_failure({templates, types, done, done, starting}),
              "ProviderTimeout: exoscale did not run the instance within 1 s");
}

TEST_F(ExoscaleFaultsTest, RefusesWhatUserDataCannotCarryBeforeAnythingExists)
{
    spec_.env["A"] = Redacted{std::string(40'000, 'x')};
    EXPECT_THAT(create_failure({done}),
                testing::StartsWith("ProviderError: exoscale carries at most 32768 "));
    EXPECT_THAT(requests_, testing::IsEmpty());
}

TEST_F(ExoscaleFaultsTest, RemovesTheKeyFirstAndOnlyInstancesOfItsOwn)
{
    const auto remove = [](Provider& provider, VmSpec spec) -> boost::asio::awaitable<int> {
        co_await provider.remove(spec.name);
        co_return 0;
    };
    const auto gone = http_answer(R"({"message":"SSH key not found"})", "404 Not Found");
    const auto instances = http_answer(
        R"({"instances":[{"id":"n-1","name":"sb-1","state":"running","labels":{"managed-by":"drukbox"}},)"
        R"({"id":"n-2","name":"sb-1","state":"running","labels":{"managed-by":"other"}},)"
        R"({"id":"n-3","name":"sb-2","state":"running","labels":{"managed-by":"drukbox"}},)"
        R"({"id":"n-4","name":"sb-1","state":"destroying","labels":{"managed-by":"drukbox"}}]})");
    EXPECT_EQ(failure<int>({gone, instances, done}, remove), "none");
    EXPECT_THAT(requests_, testing::ElementsAre("DELETE /v2/ssh-key/drukbox-sb-1", "GET /v2/instance",
                                                "DELETE /v2/instance/n-1"));
}

TEST(ExoscaleSignatureTest, SignsAsThePublishedClientDoes)
{
    // Made with ExoscaleV2Auth of the Python client.
    EXPECT_EQ(authorization("EXOkey", Redacted{"secret"}, "GET", "/v2/instance?b=2%203&a=1", "", 1770000000),
              "EXO2-HMAC-SHA256 "
              "credential=EXOkey,signed-query-args=a;b,expires=1770000000,signature=rQJriO4iO/"
              "Gky4G7eseCSlAVzOtdJqqXrcXGw+qBoJM=");
    EXPECT_EQ(
        authorization("EXOkey", Redacted{"secret"}, "POST", "/v2/instance", R"({"name":"é"})", 1770000000),
        "EXO2-HMAC-SHA256 "
        "credential=EXOkey,expires=1770000000,signature=qz3eTIPOmtr2K3LTCE1FU2j3qDOdBDiiRznGjW9E/60=");
}

TEST(ExoscaleSettingsTest, StopsTheStartOverWhatIsMalformedAndWarnsOfWhatIsMissing)
{
    const auto settings = ExoscaleSettings::load({}, "drukbox");
    EXPECT_EQ(settings.default_image, "Linux Ubuntu 24.04 LTS 64-bit");
    EXPECT_EQ(settings.missing(), "EXOSCALE_API_KEY");
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"EXOSCALE_ZONE", "../x"},
                                                          {"EXOSCALE_DISK_GB", "0"},
                                                          {"EXOSCALE_API_URL", "x"},
                                                          {"EXOSCALE_API_SECRET", "two words"},
                                                          {"EXOSCALE_SSH_USERNAME", "a b"}}) {
        Environment environment;
        environment.add(name, value);
        EXPECT_THROW(static_cast<void>(ExoscaleSettings::load(environment, "drukbox")), SettingError) << name;
    }
    Environment environment;
    environment.add("EXOSCALE_ZONE", "de-fra-1");
    EXPECT_EQ(ExoscaleSettings::load(environment, "x").api_url, "https://api-de-fra-1.exoscale.com/v2");
}

} // namespace
} // namespace drukbox::service::exoscale
