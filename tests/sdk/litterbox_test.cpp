#include "sdk/litterbox_sample.hpp"
#include "sdk/sample.hpp"
#include "wire/litterbox_host_record.hpp"

#include <drukbox/litterbox/litterbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <typeinfo>
#include <vector>

namespace drukbox::sdk {
namespace {

using namespace std::chrono_literals;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;
using litterbox::Behaviour;
using ::testing::HasSubstr;

class LitterboxTest : public ::testing::Test
{
protected:
    [[nodiscard]] drukbox::testing::RecordedRequest last_request() const
    {
        return service_.requests().back();
    }

    // libcurl sends a GET once more when the connection that it took up again is dead.
    void drop_a_get()
    {
        service_.answer(Answer::drop());
        service_.answer(Answer::drop());
    }

    FakeService service_;
    litterbox::SandboxClient client_{service_.url() + "/litterbox/", "t-test"};
};

TEST_F(LitterboxTest, SpeaksOfItsHostsUnderItsPrefix)
{
    const auto host = Answer::json(201, litterbox_json());
    service_.answer(host);
    const auto request =
        litterbox::CreateHostRequest{}.image("debian").env("A", "1").idempotency_key("k").expires_at(
            std::chrono::sys_days{std::chrono::year{2031} / 1 / 2});
    EXPECT_EQ(client_.create_host(request), litterbox_host());
    EXPECT_EQ(last_request().method, "POST");
    EXPECT_EQ(last_request().target, "/litterbox/hosts");
    EXPECT_EQ(last_request().header("Authorization"), "Bearer t-test");
    EXPECT_EQ(last_request().header("Idempotency-Key"), "k");
    EXPECT_EQ(last_request().body,
              R"({"env":{"A":"1"},"expires_at":"2031-01-02T00:00:00+00:00","image":"debian"})");
    service_.answer(host);
    EXPECT_EQ(client_.get_host(host_id), litterbox_host());
    EXPECT_EQ(last_request().target, "/litterbox/hosts/" + host_id);
    service_.answer(host);
    EXPECT_EQ(client_.attach(host_id), litterbox_host());
    service_.answer(Answer::json(200, "[" + litterbox_json() + "]"));
    EXPECT_EQ(client_.list_hosts(), std::vector{litterbox_host()});
    EXPECT_EQ(last_request().target, "/litterbox/hosts");
    service_.answer(Answer::empty(204));
    client_.delete_host(host_id);
    EXPECT_EQ(last_request().method, "DELETE");
    service_.answer(host);
    (void)client_.create_host();
    EXPECT_EQ(last_request().body, "{}");
}

TEST_F(LitterboxTest, HasTheTimeoutOfItsBehaviour)
{
    EXPECT_EQ(client_.timeout(), 300s);
    EXPECT_EQ(litterbox::SandboxClient("https://a", "t", Behaviour::blocking).timeout(), 300s);
    EXPECT_EQ(litterbox::SandboxClient("https://a", "t", Behaviour::polling).timeout(), 30s);
    EXPECT_EQ(litterbox::SandboxClient("https://a", "t", Behaviour::polling).with_timeout(5s).timeout(), 5s);
    litterbox::SandboxConfig config{"https://a", "t", Behaviour::polling};
    EXPECT_EQ(config.timeout, 30s);
    config.timeout = 10s;
    EXPECT_EQ(litterbox::SandboxAPI(config).timeout(), 10s);
    EXPECT_EQ(litterbox::SandboxConfig().timeout, 300s);
    config.timeout = -1s;
    EXPECT_THROW(litterbox::SandboxAPI{config}, SandboxUsageError);
}

TEST_F(LitterboxTest, ComesFromTheEnvironmentToo)
{
    ::setenv("LITTERBOX_TEST_SERVICE_URL", service_.url().c_str(), 1);
    ::setenv("LITTERBOX_TEST_SERVICE_TOKEN", "from-env", 1);
    EXPECT_EQ(litterbox::SandboxAPI::from_env("LITTERBOX_TEST_").timeout(), 300s);
    EXPECT_EQ(litterbox::SandboxClient::from_env("LITTERBOX_TEST_", Behaviour::polling).timeout(), 30s);
    ::setenv("LITTERBOX_TEST_SERVICE_TIMEOUT", "7", 1);
    EXPECT_EQ(litterbox::SandboxClient::from_env("LITTERBOX_TEST_", Behaviour::polling).timeout(), 7s);
    ::unsetenv("LITTERBOX_TEST_SERVICE_URL");
    ::unsetenv("LITTERBOX_TEST_SERVICE_TOKEN");
    ::unsetenv("LITTERBOX_TEST_SERVICE_TIMEOUT");
    EXPECT_THROW((void)litterbox::SandboxClient::from_env("LITTERBOX_TEST_"), SandboxUsageError);
}

/// The error of a get that gets this answer, by its exact class.
template <class Error>
SandboxErrorInfo error_of(const litterbox::SandboxClient& client)
{
    SandboxErrorInfo info;
    try {
        (void)client.get_host(host_id);
        ADD_FAILURE() << "no error";
    } catch (const SandboxError& error) {
        EXPECT_STREQ(typeid(error).name(), typeid(Error).name());
        info.status = error.status();
        info.detail = error.detail();
        info.retryable = error.retryable();
    }
    return info;
}

TEST_F(LitterboxTest, ABlockingServiceHasTheErrorsOfItsClients)
{
    service_.answer(Answer::error(401, "a"));
    error_of<SandboxAuthError>(client_);
    service_.answer(Answer::error(404, "a"));
    error_of<SandboxNotFoundError>(client_);
    service_.answer(Answer::error(409, "a"));
    error_of<SandboxConflictError>(client_);
    service_.answer(Answer::json(422, R"({"detail":[{"msg":"a"},{"msg":"b"}]})"));
    EXPECT_EQ(error_of<SandboxResponseError>(client_).detail, "a; b");
    service_.answer(Answer::error(502, "a"));
    EXPECT_EQ(error_of<SandboxProvisioningError>(client_).detail, "a");
    service_.answer(Answer::error(503, "a"));
    EXPECT_TRUE(error_of<SandboxUnavailableError>(client_).retryable);
    drop_a_get();
    EXPECT_TRUE(error_of<SandboxUnavailableError>(client_).retryable);
}

TEST_F(LitterboxTest, APollingServiceHasTheErrorsOfItsClients)
{
    litterbox::SandboxClient client{service_.url(), "t", Behaviour::polling};
    service_.answer(Answer::error(403, "a"));
    error_of<SandboxAuthError>(client);
    service_.answer(Answer::error(404, "a"));
    error_of<SandboxNotFoundError>(client);
    service_.answer(Answer::error(409, "a"));
    error_of<SandboxConflictError>(client);
    for (const int status : {422, 500, 502, 503}) {
        service_.answer(Answer::error(static_cast<unsigned>(status), "a"));
        const auto info = error_of<SandboxResponseError>(client);
        EXPECT_EQ(info.status, status);
        EXPECT_EQ(info.detail, "a");
        EXPECT_EQ(info.retryable, status == 503);
    }
    drop_a_get();
    const auto cut = error_of<SandboxResponseError>(client);
    EXPECT_EQ(cut.status, 0);
    EXPECT_TRUE(cut.retryable);
    service_.answer(Answer::json(200, litterbox_json()).held());
    EXPECT_EQ(error_of<SandboxResponseError>(client.with_timeout(20ms)).status, 0);
    client.close();
    EXPECT_FALSE(error_of<SandboxUnavailableError>(client).retryable);
}

TEST_F(LitterboxTest, ACreateMayGiveAHostThatIsPolledFor)
{
    const litterbox::SandboxClient client{service_.url(), "t", Behaviour::polling};
    auto early = boost::json::parse(litterbox_json());
    early.as_object()["status"] = "provisioning";
    early.as_object()["ssh_host"] = "";
    early.as_object()["activated_at"] = nullptr;
    service_.answer(Answer::json(201, boost::json::serialize(early)));
    const auto host = client.create_host();
    EXPECT_EQ(host.status, "provisioning");
    EXPECT_EQ(host.activated_at, std::nullopt);
    service_.answer(Answer::json(200, litterbox_json()));
    EXPECT_EQ(client.get_host(host.id).status, "active");
}

TEST(LitterboxRecordTest, TheOldestRecordSaysMore)
{
    auto json = boost::json::parse(litterbox_json());
    EXPECT_EQ(wire::parse_litterbox_host(json).announce_token_used, std::nullopt);
    json.as_object()["announce_token_used"] = true;
    json.as_object()["announced_at"] = nullptr;
    EXPECT_EQ(wire::parse_litterbox_host(json).announce_token_used, true);
    EXPECT_EQ(wire::parse_litterbox_host(json).announced_at, std::nullopt);
    json.as_object()["announced_at"] = "2026-05-28T12:00:02+02:00";
    EXPECT_EQ(wire::parse_litterbox_host(json).announced_at, "2026-05-28T12:00:02+02:00");
}

TEST(LitterboxRecordTest, UnknownKeysAreIgnored)
{
    auto json = boost::json::parse(litterbox_json());
    json.as_object()["external_ssh_host"] = 1;
    EXPECT_EQ(wire::parse_litterbox_host(json), litterbox_host());
}

TEST(LitterboxRecordTest, EveryKeyIsChecked)
{
    auto whole = boost::json::parse(litterbox_json());
    const auto refusal = [](const boost::json::value& json) -> std::string {
        try {
            (void)wire::parse_litterbox_host(json);
        } catch (const wire::ShapeError& error) {
            return error.what();
        }
        return "accepted";
    };
    for (const auto& member : whole.as_object()) {
        auto json = whole;
        json.as_object().erase(member.key());
        EXPECT_THAT(refusal(json), HasSubstr(std::string{member.key()})) << "absent";
        json.as_object()[member.key()] = boost::json::array{};
        EXPECT_THAT(refusal(json), HasSubstr(std::string{member.key()})) << "of another type";
    }
    for (const char* key : {"announce_token_used", "announced_at"}) {
        auto json = whole;
        json.as_object()[key] = 7;
        EXPECT_THAT(refusal(json), HasSubstr(key));
    }
    whole.as_object()["ssh_port"] = 65536;
    EXPECT_THAT(refusal(whole), HasSubstr("ssh_port"));
    EXPECT_THROW((void)wire::parse_litterbox_hosts(whole), wire::ShapeError);
}

} // namespace
} // namespace drukbox::sdk
