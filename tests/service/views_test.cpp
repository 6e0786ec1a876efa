#include "api_fixture.hpp"
#include "wire/host_view.hpp"

#include <set>

namespace drukbox::service {
namespace {

class ViewsTest : public ApiTest
{
protected:
    http::Response get(const std::string& target) { return send(FakeExchange{"GET", target}); }

    static boost::json::object object(const http::Response& response)
    {
        return boost::json::parse(response.body).as_object();
    }

    static std::set<std::string> keys(const boost::json::object& record)
    {
        std::set<std::string> found;
        for (const auto& member : record) {
            found.emplace(member.key());
        }
        return found;
    }
};

TEST_F(ViewsTest, ShowsLitterboxClientsTheUnionOfTheKeysThatTheyKnow)
{
    const auto created = post("/litterbox/hosts", R"({"image":"i","env":{"A":"b"}})");
    EXPECT_EQ(created.status, 201U);
    const auto host = object(created);
    EXPECT_EQ(keys(host), (std::set<std::string>{"id", "name", "status", "provider", "image", "ssh_host",
                                                 "ssh_port", "known_hosts", "tailscale_device_id",
                                                 "last_error", "created_at", "updated_at", "activated_at",
                                                 "expires_at", "announce_token_used", "announced_at"}));
    EXPECT_EQ(host.at("ssh_host"), "192.0.2.7");
    EXPECT_EQ(host.at("ssh_port"), 2222);
    EXPECT_EQ(host.at("announce_token_used"), true);
    EXPECT_EQ(host.at("announced_at"), host.at("activated_at"));

    const auto id = std::string{host.at("id").as_string()};
    EXPECT_EQ(object(get("/litterbox/hosts/" + id)), host);
    EXPECT_EQ(boost::json::parse(get("/litterbox/hosts").body), boost::json::array{host});
    // The same host in the plain view.
    EXPECT_EQ(object(get("/hosts/" + id)).at("external_ssh_host"), "192.0.2.7");
    EXPECT_EQ(send(FakeExchange{"DELETE", "/litterbox/hosts/" + id}).status, 204U);
    EXPECT_EQ(get("/litterbox/hosts/" + id).body, R"({"detail":"host not found"})");
}

TEST_F(ViewsTest, KnowsNoOtherFieldAndNoOtherRouteForLitterbox)
{
    const auto created = post("/litterbox/hosts", R"({"disk_gb":0,"provider":"x","instance_type":7})");
    EXPECT_EQ(created.status, 201U);
    const auto id = std::string{object(created).at("id").as_string()};
    EXPECT_EQ(post("/litterbox/hosts/" + id + "/renew", "").status, 404U);
    EXPECT_EQ(get("/litterbox/doctor").status, 404U);
    EXPECT_EQ(post("/litterbox/http-proxies", "{}").status, 404U);
}

TEST_F(ViewsTest, TellsOfItsHealthInEveryView)
{
    for (const auto view : wire::host_views) {
        const auto response =
            send(FakeExchange{"GET", std::string{wire::prefix(view)} + "/healthz", http::Headers{}, ""});
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(response.body, R"({"status":"ok"})");
    }
}

TEST_F(ViewsTest, AnswersLitterboxClientsWithTheSameErrors)
{
    const auto nobody = send(FakeExchange{"GET", "/litterbox/hosts", http::Headers{}, ""});
    EXPECT_EQ(nobody.status, 401U);
    EXPECT_EQ(
        finding(post("/litterbox/hosts", R"({"image":" "})")),
        R"({"type":"value_error","loc":["body","image"],"msg":"Value error, image must not be blank"})");
    fail_at("create");
    EXPECT_EQ(post("/litterbox/hosts", "").status, 502U);
    cloud->on_step = nullptr;
}

TEST_F(ViewsTest, ReplaysOneKeyInEveryView)
{
    const auto create = [this](const std::string& target) {
        FakeExchange exchange{"POST", target};
        exchange.add_header("Idempotency-Key", "k");
        return object(send(std::move(exchange)));
    };
    const auto id = create("/hosts").at("id");
    EXPECT_EQ(create("/litterbox/hosts").at("id"), id);
    EXPECT_EQ(create("/v0.2/hosts").at("id"), id);
}

TEST_F(ViewsTest, TellsTheAccountInThePlainView)
{
    const auto created = object(post("/hosts", R"({"service_account":"other"})"));
    EXPECT_EQ(created.size(), 20U);
    EXPECT_EQ(created.at("service_account"), "admin");
    EXPECT_TRUE(created.at("private_key").is_string());
    const auto id = std::string{created.at("id").as_string()};
    EXPECT_EQ(object(post("/hosts/" + id + "/renew", "")).at("service_account"), "admin");
    EXPECT_EQ(object(get("/hosts/" + id)).at("service_account"), "admin");
    EXPECT_EQ(boost::json::parse(get("/hosts").body).at(0).at("service_account"), "admin");
}

TEST_F(ViewsTest, LeavesTheAccountOutForClientsThatFailOnIt)
{
    const auto created = object(post("/v0.2/hosts", ""));
    const auto id = std::string{created.at("id").as_string()};
    for (const auto& record :
         {created, object(post("/v0.2/hosts/" + id + "/renew", "")), object(get("/v0.2/hosts/" + id)),
          boost::json::parse(get("/v0.2/hosts").body).at(0).as_object()}) {
        EXPECT_EQ(record.size(), 19U);
        EXPECT_FALSE(record.contains("service_account"));
    }
    EXPECT_EQ(get("/v0.3/hosts").status, 404U);
}

TEST_F(ViewsTest, GivesAMemberOfThePoolToNobody)
{
    Host host;
    host.id = HostId::v7(service->now);
    host.name = host_name(host.id);
    host.provider = "scripted";
    host.status = HostStatus::active;
    host.pooled = true;
    auto insert = [&](Session& sql) { host_table::insert(sql, host); };
    service->store.write_now(insert);
    EXPECT_TRUE(object(get("/hosts/" + host.id.str())).at("service_account").is_null());
}

} // namespace
} // namespace drukbox::service
