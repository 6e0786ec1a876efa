#include "testing/exchange.hpp"
#include "testing/fixture.hpp"
#include "wire/timestamp.hpp"
#include "wire/uuid.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <variant>

namespace drukbox::test {
namespace {

using namespace drukbox::testing;

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HostsTest : public ServiceTest
{
protected:
    static wire::Timestamp time(const std::string& text)
    {
        return std::get<wire::Timestamp>(wire::parse_timestamp(text));
    }

    static wire::Timestamp now()
    {
        return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

TEST_F(HostsTest, ComeFromACreateAsTheServiceMakesThem)
{
    const auto before = now();
    const SandboxHost host = client_.create_host();
    const auto id = wire::Uuid::parse(host.id);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->bytes()[6] >> 4, 7) << "the version";
    EXPECT_EQ(host.name, "sb-" + host.id.substr(24));
    EXPECT_EQ(host.status, "active");
    EXPECT_EQ(host.provider, "fake");
    EXPECT_THAT(host.known_hosts, StartsWith("[127.0.0.1]:1 ssh-ed25519 "));
    EXPECT_THAT(host.private_key.value_or(""), StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    EXPECT_EQ(host.last_error, "");
    EXPECT_GE(time(host.created_at), before);
    EXPECT_EQ(host.activated_at, host.updated_at);
    EXPECT_EQ(time(*host.expires_at), time(host.updated_at) + 24h);
}

TEST_F(HostsTest, AreMadeAsTheyAreAskedFor)
{
    const auto request = CreateHostRequest{}.image("debian").instance_type("large").disk_gb(50).env("A", "b");
    const SandboxHost host = client_.create_host(request);
    EXPECT_EQ(host.image, "debian");
    EXPECT_EQ(host.instance_type, "large");
    EXPECT_EQ(host.disk_gb, 50);
}

TEST_F(HostsTest, AreListedNewestFirstWithoutTheirKeys)
{
    const SandboxHost first = client_.create_host();
    const SandboxHost second = client_.create_host();
    const auto hosts = client_.list_hosts();
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts[0].id, second.id);
    EXPECT_EQ(hosts[1].id, first.id);
    EXPECT_EQ(hosts[0].private_key, std::nullopt);
    EXPECT_EQ(client_.get_host(first.id).private_key, std::nullopt);
    EXPECT_EQ(state_.hosts(), hosts);
}

TEST_F(HostsTest, AreListedPageByPage)
{
    constexpr std::string_view token = "Authorization: Bearer test-token\r\n";
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) {
        ids.insert(ids.begin(), state_.add_host().id);
    }
    std::vector<std::string> listed;
    std::string target = "/hosts?limit=2&status=active&provider=fake";
    while (!target.empty()) {
        const Exchange page{service_.port(), "GET " + target, token};
        const auto records = boost::json::parse(page.body);
        for (const auto& record : records.as_array()) {
            listed.emplace_back(record.at("id").as_string());
        }
        const auto link = page.head.find("Link: <");
        const auto begin = link + std::string_view{"Link: <"}.size();
        target = link == std::string::npos ? "" : page.head.substr(begin, page.head.find('>', begin) - begin);
    }
    EXPECT_EQ(listed, ids);
    EXPECT_EQ((Exchange{service_.port(), "GET /hosts?status=error", token}.body), "[]");
    EXPECT_EQ((Exchange{service_.port(), "GET /hosts?provider=other", token}.body), "[]");
}

TEST_F(HostsTest, LiveAsLongAsTheirLease)
{
    const SandboxHost brief = client_.create_host(CreateHostRequest{}.expires(Lease::until(now() + 1h)));
    const SandboxHost usual = client_.create_host();
    const SandboxHost permanent = client_.create_host(CreateHostRequest{}.expires(Lease::permanent()));
    EXPECT_EQ(permanent.expires_at, std::nullopt);
    state_.advance_clock(2h);
    EXPECT_THROW((void)client_.get_host(brief.id), SandboxNotFoundError);
    EXPECT_EQ(client_.list_hosts().size(), 2U);
    state_.advance_clock(24h);
    EXPECT_EQ(client_.list_hosts().size(), 1U);
    EXPECT_EQ(client_.get_host(permanent.id).id, permanent.id);
}

TEST_F(HostsTest, AreRenewed)
{
    const SandboxHost host = client_.create_host(CreateHostRequest{}.expires(Lease::permanent()));
    const auto end = now() + 1h;
    EXPECT_EQ(time(*client_.renew_host(host.id, Lease::until(end)).expires_at), end);
    const SandboxHost renewed = client_.renew_host(host.id);
    EXPECT_EQ(time(*renewed.expires_at), time(renewed.updated_at) + 24h);
    EXPECT_THROW(client_.renew_host(host.id, Lease::until(now() - 1s)), SandboxValidationError);
}

TEST_F(HostsTest, AreDeletedOnce)
{
    const SandboxHost host = client_.create_host();
    client_.delete_host(host.id);
    const auto again = error_of<SandboxNotFoundError>([&] { client_.delete_host(host.id); });
    EXPECT_EQ(again.error_code(), "NOT_FOUND");
    const auto get = error_of<SandboxNotFoundError>([&] { (void)client_.get_host(host.id); });
    EXPECT_EQ(get.detail(), "host not found");
    EXPECT_EQ(get.error_code(), "");
}

TEST_F(HostsTest, RefuseWhatTheirStateDoesNotAllow)
{
    SandboxHost host = state_.add_host();
    host.status = "creating_vm";
    state_.put_host(host);
    const auto of_delete = error_of<SandboxConflictError>([&] { client_.delete_host(host.id); });
    EXPECT_EQ(of_delete.detail(), "host is still provisioning");
    const auto of_renew = error_of<SandboxConflictError>([&] { client_.renew_host(host.id); });
    EXPECT_EQ(of_renew.detail(), "cannot renew a host in status creating_vm");
    EXPECT_EQ(of_renew.error_code(), "HOST_STATE");
    const Exchange forced{service_.port(), "DELETE /hosts/" + host.id + "?force=true",
                          "Authorization: Bearer test-token\r\n"};
    EXPECT_EQ(forced.status, "204");
}

TEST_F(HostsTest, AreTheSameForTheSameKey)
{
    const auto keyed = CreateHostRequest{}.idempotency_key("k");
    const SandboxHost host = client_.create_host(keyed);
    EXPECT_EQ(client_.create_host(keyed), host) << "with its private key";
    EXPECT_NE(client_.create_host(CreateHostRequest{}.idempotency_key("other")).id, host.id);
    client_.delete_host(host.id);
    EXPECT_NE(client_.create_host(keyed).id, host.id) << "a key dies with its host";
}

TEST_F(HostsTest, AreNotGivenOutForAKeyThatStandsForSomethingElse)
{
    client_.create_host(CreateHostRequest{}.idempotency_key("k").image("i"));
    const auto other = CreateHostRequest{}.idempotency_key("k").image("other");
    const auto error = error_of<SandboxValidationError>([&] { client_.create_host(other); });
    EXPECT_EQ(error.error_code(), "IDEMPOTENCY_KEY_REUSED");
    EXPECT_EQ(client_.list_hosts().size(), 1U);
}

TEST_F(HostsTest, AreMadeAnewWhenTheKeyIsTooOld)
{
    const auto keyed = CreateHostRequest{}.idempotency_key("k").expires(Lease::permanent());
    const SandboxHost host = client_.create_host(keyed);
    state_.advance_clock(25h);
    EXPECT_NE(client_.create_host(keyed).id, host.id);
}

TEST_F(HostsTest, FailWhenTheyAreToFailAndDoNotBindTheirKey)
{
    state_.fail_next_create("ProviderError: out of quota");
    const auto keyed = CreateHostRequest{}.idempotency_key("k");
    const auto error = error_of<SandboxProvisioningError>([&] { client_.create_host(keyed); });
    EXPECT_EQ(error.detail(), "ProviderError: out of quota");
    EXPECT_EQ(error.error_code(), "PROVISIONING_FAILED");
    ASSERT_EQ(client_.list_hosts().size(), 1U);
    const SandboxHost failed = client_.list_hosts().front();
    EXPECT_EQ(failed.status, "error");
    EXPECT_EQ(failed.last_error, "ProviderError: out of quota");
    EXPECT_EQ(failed.expires_at, failed.updated_at);
    EXPECT_EQ(client_.create_host(keyed).status, "active");
    client_.delete_host(failed.id);
    EXPECT_EQ(client_.list_hosts().size(), 1U);
}

TEST_F(HostsTest, StayWhenTheirTeardownFails)
{
    const SandboxHost host = client_.create_host();
    state_.fail_next_delete();
    const auto error = error_of<SandboxUnavailableError>([&] { client_.delete_host(host.id); });
    EXPECT_EQ(error.error_code(), "HOST_TEARDOWN");
    EXPECT_TRUE(error.retryable());
    EXPECT_EQ(client_.get_host(host.id).status, "active");
    client_.delete_host(host.id);
}

TEST_F(HostsTest, HaveTheCoordinatesThatATestGivesThem)
{
    SandboxHost coordinates;
    coordinates.external_ssh_host = "127.0.0.1";
    coordinates.external_ssh_port = 2222;
    coordinates.ssh_username = "me";
    coordinates.known_hosts = "[127.0.0.1]:2222 ssh-ed25519 AAAA\n";
    coordinates.private_key = "key";
    coordinates.image = "default-image";
    state_.set_host_template(coordinates);
    const SandboxHost host = client_.create_host();
    EXPECT_EQ(host.external_ssh_port, 2222);
    EXPECT_EQ(host.ssh_username, "me");
    EXPECT_EQ(host.known_hosts, coordinates.known_hosts);
    EXPECT_EQ(host.private_key, "key");
    EXPECT_EQ(host.image, "default-image");
    EXPECT_EQ(host.provider, "fake");
}

TEST_F(HostsTest, MayBePutAndTakenByTheTest)
{
    SandboxHost host = state_.add_host();
    EXPECT_EQ(client_.get_host(host.id).name, host.name);
    host.status = "error";
    host.last_error = "ProviderError: x";
    state_.put_host(host);
    EXPECT_EQ(client_.get_host(host.id).last_error, "ProviderError: x");
    EXPECT_EQ(state_.find_host(host.id)->status, "error");
    state_.remove_host(host.id);
    EXPECT_EQ(state_.find_host(host.id), std::nullopt);
    EXPECT_EQ(state_.find_host("no uuid"), std::nullopt);
    state_.remove_host("no uuid");
    host.id = "no uuid";
    EXPECT_THROW(state_.put_host(host), std::invalid_argument);
    host.id = wire::Uuid{}.str();
    host.expires_at = "tomorrow";
    EXPECT_THROW(state_.put_host(host), std::invalid_argument);
}

TEST_F(HostsTest, AreForThoseWhoHaveTheToken)
{
    const auto list = [this] { (void)client_.list_hosts(); };
    state_.set_token("rotated");
    EXPECT_EQ(error_of<SandboxAuthError>(list).status(), 403);
    EXPECT_EQ(SandboxClient(service_.url(), "rotated").list_hosts().size(), 0U);
    state_.set_token("");
    list();
}

TEST(FakeServiceOptionsTest, SayWhatKindOfServiceItIs)
{
    FakeServiceOptions options;
    options.token = "";
    options.providers = {"zeta", "alpha"};
    options.supports_sizing = false;
    options.default_lease = 60s;
    const FakeService service{options};
    const SandboxClient client{service.config()};
    EXPECT_EQ(client.create_host().provider, "zeta");
    EXPECT_EQ(client.create_host(CreateHostRequest{}.provider("alpha")).provider, "alpha");
    EXPECT_EQ(client.doctor().active_provider, "zeta");
    const auto detail_of = [&](const CreateHostRequest& request) {
        try {
            client.create_host(request);
        } catch (const SandboxResponseError& error) {
            return std::to_string(error.status()) + " " + error.detail();
        }
        return std::string{};
    };
    EXPECT_EQ(detail_of(CreateHostRequest{}.provider("x")),
              "400 unknown provider 'x'; available: alpha, zeta");
    EXPECT_EQ(detail_of(CreateHostRequest{}.disk_gb(1)),
              "400 provider 'zeta' does not support a per-request disk_gb");
    EXPECT_EQ(detail_of(CreateHostRequest{}.instance_type("s")),
              "400 provider 'zeta' does not support a per-request instance_type");
    service.state().advance_clock(61s);
    EXPECT_TRUE(client.list_hosts().empty());
}

TEST(FakeServiceOptionsTest, NeedAProvider)
{
    FakeServiceOptions options;
    options.providers.clear();
    EXPECT_THROW(FakeService{options}, std::invalid_argument);
}

TEST_F(HostsTest, AreNotNeededForADoctor)
{
    DoctorReport report;
    report.active_provider = "hetzner";
    report.tailscale_enabled = true;
    report.checks.resize(1);
    report.checks[0].name = "db";
    report.checks[0].status = "fail";
    report.checks[0].detail = "timed out after 5s";
    report.checks[0].latency_ms = 5000.5;
    report.checks[0].hint = "check_database_url_and_engine";
    state_.set_doctor_report(report);
    EXPECT_EQ(client_.doctor(), report);
}

} // namespace
} // namespace drukbox::test
