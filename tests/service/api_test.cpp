#include "api_fixture.hpp"
#include "scripted_error.hpp"

#include <boost/json.hpp>

namespace drukbox::service {
namespace {

TEST_F(ApiTest, AnswersHealthWithoutAToken)
{
    const auto response = send(FakeExchange{"GET", "/healthz", http::Headers{}, ""});
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, R"({"status":"ok"})");
}

TEST_F(ApiTest, RefusesUnknownPathsAndMethodsBeforeItAsksForAToken)
{
    const auto missing = send(FakeExchange{"GET", "/nowhere", http::Headers{}, ""});
    EXPECT_EQ(missing.status, 404U);
    EXPECT_EQ(missing.body, R"({"detail":"Not Found"})");
    const auto method = send(FakeExchange{"PUT", "/hosts", http::Headers{}, ""});
    EXPECT_EQ(method.status, 405U);
    EXPECT_EQ(method.body, R"({"detail":"Method Not Allowed"})");
    EXPECT_EQ(method.headers.find("allow"), "POST, GET, HEAD");
}

TEST_F(ApiTest, AnswersHeadWhereItAnswersGet)
{
    const auto id = create_one();
    for (const auto& target : {std::string{"/healthz"}, std::string{"/hosts"}, "/hosts/" + id,
                               std::string{"/doctor"}, std::string{"/openapi.json"}}) {
        EXPECT_EQ(send(FakeExchange{"HEAD", target}).status, 200U) << target;
    }
    EXPECT_EQ(send(FakeExchange{"HEAD", "/hosts", http::Headers{}, ""}).status, 401U);
    EXPECT_EQ(send(FakeExchange{"HEAD", "/hosts/" + id + "/renew"}).status, 405U);
    EXPECT_EQ(send(FakeExchange{"HEAD", "/nowhere"}).status, 404U);
}

TEST_F(ApiTest, LeadsFromASlashAtTheEndToTheRoute)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"/hosts/", "/hosts"},
        {"/hosts//", "/hosts"},
        {"/hosts/?limit=1&x=/", "/hosts?limit=1&x=/"},
        {"/hosts/some%2Fname/", "/hosts/some%2Fname"},
        {"/litterbox/hosts/", "/litterbox/hosts"},
        {"/docs/", "/docs"},
    };
    for (const auto& [target, expected] : cases) {
        for (const std::string method : {"GET", "POST", "HEAD"}) {
            FakeExchange exchange{method, target, http::Headers{}, "body"};
            const auto response = answer(exchange);
            EXPECT_EQ(response.status, 307U) << target;
            EXPECT_EQ(response.headers.find("Location"), expected);
            EXPECT_FALSE(exchange.body_read);
        }
    }
    for (const std::string target :
         {"/", "//", "/nowhere/", "//evil.example/hosts/", "//hosts/", "/hosts/a/b/"}) {
        EXPECT_EQ(send(FakeExchange{"GET", target}).status, 404U) << target;
    }
}

TEST_F(ApiTest, VouchesForWhoHasShownAToken)
{
    FakeExchange nobody{"GET", "/healthz", http::Headers{}, ""};
    answer(nobody);
    EXPECT_FALSE(nobody.known);
    http::Headers wrong;
    wrong.add("Authorization", "Bearer token-three");
    FakeExchange stranger{"GET", "/hosts", wrong, ""};
    answer(stranger);
    EXPECT_FALSE(stranger.known);
    FakeExchange caller{"GET", "/hosts"};
    answer(caller);
    EXPECT_TRUE(caller.known);
}

TEST_F(ApiTest, AsksForATokenBeforeTheBodyIsLookedAt)
{
    for (const std::string credentials : {"", "Bearer", "Bearer  ", "Basic dG9rZW4=", "token-one"}) {
        http::Headers headers;
        headers.add("Authorization", credentials);
        FakeExchange exchange{"POST", "/hosts", headers, "not json"};
        const auto response = answer(exchange);
        EXPECT_EQ(response.status, 401U) << credentials;
        EXPECT_EQ(response.body, R"({"detail":"service token required"})");
        EXPECT_FALSE(exchange.body_read);
    }
    http::Headers headers;
    headers.add("Authorization", "Bearer token-three");
    const auto response = send(FakeExchange{"GET", "/hosts", headers, ""});
    EXPECT_EQ(response.status, 403U);
    EXPECT_EQ(response.body, R"({"detail":"service token rejected"})");
}

TEST_F(ApiTest, TakesEachTokenInAnyCaseOfTheScheme)
{
    for (const std::string credentials : {"Bearer token-one", "bearer token-two", "BEARER   token-one  "}) {
        http::Headers headers;
        headers.add("Authorization", credentials);
        EXPECT_EQ(send(FakeExchange{"GET", "/hosts", headers, ""}).status, 200U) << credentials;
    }
}

TEST_F(ApiTest, TreatsAbsentEmptyNullAndEmptyObjectAlike)
{
    for (const std::string body : {"", "null", "{}", " {} ", R"({"image":null,"unknown":1})"}) {
        const auto response = post("/hosts", body);
        EXPECT_EQ(response.status, 201U) << body;
        const auto record = boost::json::parse(response.body).as_object();
        EXPECT_EQ(record.size(), 20U);
        EXPECT_EQ(record.at("status"), "active");
        EXPECT_EQ(record.at("image"), "default-image");
        EXPECT_TRUE(record.at("private_key").is_string());
    }
}

TEST_F(ApiTest, GivesThePrivateKeyOnlyInTheAnswerToACreate)
{
    const auto id = create_one();
    for (const auto& target : {"/hosts/" + id, std::string{"/hosts"}}) {
        EXPECT_EQ(send(FakeExchange{"GET", target}).body.find("PRIVATE KEY"), std::string::npos);
    }
    EXPECT_EQ(post("/hosts/" + id + "/renew", "").body.find("PRIVATE KEY"), std::string::npos);
}

TEST_F(ApiTest, FindsFaultWithEachField)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"image":"  "})",
         R"({"type":"value_error","loc":["body","image"],"msg":"Value error, image must not be blank"})"},
        {R"({"image":"a\nrm --json b"})",
         R"({"type":"value_error","loc":["body","image"],"msg":"Value error, image must not contain control characters"})"},
        {R"({"instance_type":"a\u0085b"})",
         R"({"type":"value_error","loc":["body","instance_type"],"msg":"Value error, instance_type must not contain control characters"})"},
        {R"({"image":3})",
         R"({"type":"string_type","loc":["body","image"],"msg":"Input should be a valid string"})"},
        {R"({"env":null})",
         R"({"type":"dict_type","loc":["body","env"],"msg":"Input should be a valid dictionary"})"},
        {R"({"env":{"A":1}})",
         R"({"type":"string_type","loc":["body","env","A"],"msg":"Input should be a valid string"})"},
        {R"({"env":{"2B":"x","a-b":"y"}})",
         R"({"type":"value_error","loc":["body","env"],"msg":"Value error, env keys must be valid environment variable names: 2B, a-b"})"},
        {R"({"env":{"TAILSCALE_AUTHKEY":"x"}})",
         R"({"type":"value_error","loc":["body","env"],"msg":"Value error, reserved env keys are not allowed: TAILSCALE_AUTHKEY"})"},
        {R"({"expires_at":"2031-01-01T00:00:00"})",
         R"({"type":"value_error","loc":["body","expires_at"],"msg":"Value error, expires_at must include a timezone offset"})"},
        {R"({"expires_at":"2001-01-01T00:00:00Z"})",
         R"({"type":"value_error","loc":["body","expires_at"],"msg":"Value error, expires_at must be in the future"})"},
        {R"({"expires_at":"soon"})",
         R"({"type":"datetime_parsing","loc":["body","expires_at"],"msg":"Input should be a valid datetime"})"},
        {R"({"expires_at":4102444800})",
         R"({"type":"datetime_type","loc":["body","expires_at"],"msg":"Input should be a valid datetime"})"},
        {R"({"expires_at":true})",
         R"({"type":"datetime_type","loc":["body","expires_at"],"msg":"Input should be a valid datetime"})"},
        {R"({"provider":[]})",
         R"({"type":"string_type","loc":["body","provider"],"msg":"Input should be a valid string"})"},
        {R"({"instance_type":""})",
         R"({"type":"value_error","loc":["body","instance_type"],"msg":"Value error, instance_type must not be blank"})"},
        {R"({"disk_gb":0})",
         R"({"type":"greater_than_equal","loc":["body","disk_gb"],"msg":"Input should be greater than or equal to 1"})"},
        {R"({"disk_gb":1.5})",
         R"({"type":"int_from_float","loc":["body","disk_gb"],"msg":"Input should be a valid integer, got a number with a fractional part"})"},
        {R"({"disk_gb":true})",
         R"({"type":"int_type","loc":["body","disk_gb"],"msg":"Input should be a valid integer"})"},
        {R"({"disk_gb":"5"})",
         R"({"type":"int_type","loc":["body","disk_gb"],"msg":"Input should be a valid integer"})"},
        {R"({"template":"t"})",
         R"({"type":"uuid_parsing","loc":["body","template"],"msg":"Input should be a valid UUID"})"},
        {R"({"template":7})",
         R"({"type":"uuid_type","loc":["body","template"],"msg":"UUID input should be a string, bytes or UUID object"})"},
        {R"({"secrets":null})",
         R"({"type":"dict_type","loc":["body","secrets"],"msg":"Input should be a valid dictionary"})"},
        {R"({"image":)", R"({"type":"json_invalid","loc":["body",9],"msg":"JSON decode error"})"},
        {"{\"image\":\"\xff\"}", R"({"type":"json_invalid","loc":["body",10],"msg":"JSON decode error"})"},
        {R"({} x)", R"({"type":"json_invalid","loc":["body",3],"msg":"JSON decode error"})"},
        {R"([1])",
         R"({"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from"})"},
    };
    for (const auto& [body, expected] : cases) {
        EXPECT_EQ(finding(post("/hosts", body)), expected) << body;
    }
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ApiTest, TellsAllFindingsAtOnceInTheOrderOfTheSchema)
{
    FakeExchange exchange{"POST", "/hosts",
                          R"({"disk_gb":0,"secrets":7,"image":"","env":null,"template":1,"expires_at":1})"};
    exchange.add_header("Idempotency-Key", "a b");
    const auto detail = boost::json::parse(send(std::move(exchange)).body).at("detail").as_array();
    std::string order;
    for (const auto& entry : detail) {
        order += entry.at("loc").as_array().back().as_string().c_str() + std::string{" "};
    }
    EXPECT_EQ(order, "Idempotency-Key image template env secrets expires_at disk_gb ");
}

TEST_F(ApiTest, NeverSendsValuesBack)
{
    const auto id = create_one();
    for (const auto& [target, body] : std::vector<std::pair<std::string, std::string>>{
             {"/hosts", R"({"env":{"A":{"planted":"PLANTED"},"B":"PLANTED"},"image":7})"},
             {"/hosts",
              R"({"image":["PLANTED"],"expires_at":"PLANTED","disk_gb":"PLANTED","template":"PLANTED"})"},
             {"/hosts",
              R"({"secrets":{"x":{"value":["PLANTED"],"issuer":{"url":"PLANTED","refresh":"PLANTED"}}}})"},
             {"/hosts/" + id + "/renew", R"({"expires_at":"PLANTED"})"},
             {"/hosts/PLANTED/renew", ""},
             {"/http-proxies", R"({"name":"/PLANTED","target":"PLANTED","headers":{"A":["PLANTED"]}})"},
             {"/http-proxies", "PLANTED"}}) {
        const auto response = post(target, body);
        EXPECT_EQ(response.status, 422U) << body;
        EXPECT_EQ(response.body.find("PLANTED"), std::string::npos) << response.body;
        const auto answered = boost::json::parse(response.body);
        for (const auto& entry : answered.at("detail").as_array()) {
            EXPECT_EQ(entry.as_object().size(), 3U) << response.body;
            EXPECT_TRUE(entry.at("type").is_string() && entry.at("loc").is_array() &&
                        entry.at("msg").is_string());
        }
    }
}

TEST_F(ApiTest, RefusesATemplateBeforeAnythingExists)
{
    for (const std::string target : {"/hosts", "/v0.2/hosts"}) {
        const auto response = post(target, R"({"template":"01991B2E-7c1a-7e5b-9d3f-4a6b8c0d2e1f"})");
        EXPECT_EQ(response.status, 409U);
        EXPECT_EQ(
            response.body,
            R"({"detail":"template '01991b2e-7c1a-7e5b-9d3f-4a6b8c0d2e1f' is not available: this service has no templates","error_code":"TEMPLATE_NOT_AVAILABLE"})");
    }
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
    EXPECT_EQ(post("/hosts", R"({"template":null})").status, 201U);
    const auto with_image =
        post("/hosts", R"({"template":"01991b2e-7c1a-7e5b-9d3f-4a6b8c0d2e1f","image":"i"})");
    EXPECT_EQ(with_image.status, 201U);
    EXPECT_EQ(boost::json::parse(with_image.body).at("image"), "i");
}

TEST_F(ApiTest, RefusesSecretsBeforeAnythingExists)
{
    for (const std::string secrets :
         {R"({"openai":{"value":"sk"}})",
          R"({"acme":{"value":"k","host":"api.acme.test","auth_variable":"ACME"}})",
          R"({"github":{"issuer":{"url":"https://mint.test/x?y","headers":{"A":"b"},"refresh":"1h"}}})"}) {
        const auto response = post(
            "/hosts", R"({"template":"01991b2e-7c1a-7e5b-9d3f-4a6b8c0d2e1f","secrets":)" + secrets + "}");
        EXPECT_EQ(response.status, 409U) << secrets;
        EXPECT_EQ(
            response.body,
            R"({"detail":"no secrets proxy is configured for provider 'scripted'","error_code":"SECRETS_PROXY_NOT_CONFIGURED"})");
    }
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
    EXPECT_EQ(post("/hosts", R"({"secrets":{}})").status, 201U);
}

TEST_F(ApiTest, RefusesAnUnknownProviderAndASizeBeforeSecretsAndTemplates)
{
    const std::string rest =
        R"("secrets":{"openai":{"value":"s"}},"template":"01991b2e-7c1a-7e5b-9d3f-4a6b8c0d2e1f"})";
    EXPECT_EQ(post("/hosts", R"({"provider":"x",)" + rest).status, 400U);
    EXPECT_EQ(post("/hosts", R"({"disk_gb":1,)" + rest).status, 400U);
}

TEST_F(ApiTest, RefusesABodyOfAnotherMediaType)
{
    FakeExchange exchange{"POST", "/hosts", "image=x"};
    exchange.add_header("Content-Type", "application/x-www-form-urlencoded");
    EXPECT_EQ(
        finding(send(std::move(exchange))),
        R"({"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from"})");
}

TEST_F(ApiTest, ChecksTheIdempotencyKey)
{
    for (const auto& [key, type] :
         std::vector<std::pair<std::string, std::string>>{{"", "string_too_short"},
                                                          {std::string(256, 'k'), "string_too_long"},
                                                          {"k/1", "string_pattern_mismatch"},
                                                          {"\xff", "string_pattern_mismatch"}}) {
        FakeExchange exchange{"POST", "/hosts"};
        exchange.add_header("Idempotency-Key", key);
        const auto response = send(std::move(exchange));
        EXPECT_EQ(response.status, 422U);
        const auto entry = boost::json::parse(response.body).at("detail").at(0).as_object();
        EXPECT_EQ(entry.at("type").as_string(), std::string_view{type});
        EXPECT_EQ(boost::json::serialize(entry.at("loc")), R"(["header","Idempotency-Key"])");
    }
    FakeExchange longest{"POST", "/hosts"};
    longest.add_header("Idempotency-Key", "aZ0_-:." + std::string(248, 'k'));
    EXPECT_EQ(send(std::move(longest)).status, 201U);
}

TEST_F(ApiTest, GivesNoTokenAHostForAKeyThatStandsForSomethingElse)
{
    const auto create = [this](std::string token, std::string body) {
        http::Headers headers;
        headers.add("Authorization", "Bearer " + token);
        headers.add("Content-Type", "application/json");
        headers.add("Idempotency-Key", "k");
        return send(FakeExchange{"POST", "/hosts", headers, std::move(body)});
    };
    const auto first = create("token-one", R"({"env":{"A":"1"}})");
    ASSERT_EQ(first.status, 201U);
    EXPECT_EQ(create("token-two", R"({"env":{"A":"2"}})").status, 201U) << "all tokens are one account";
    for (const auto* token : {"token-one", "token-two"}) {
        const auto refused = create(token, R"({"image":"other"})");
        EXPECT_EQ(refused.status, 422U);
        EXPECT_EQ(
            refused.body,
            R"({"detail":[{"type":"value_error","loc":["header","Idempotency-Key"],"msg":"Value error, the key stands for another request: provider, image, template, sizes, network and the names of variables and secrets should be the same"}],"error_code":"IDEMPOTENCY_KEY_REUSED"})");
    }
}

TEST_F(ApiTest, AcceptsAHostIdInEveryForm)
{
    const auto id = create_one();
    std::string bare = id;
    std::erase(bare, '-');
    for (const auto& form : {id, bare, "{" + id + "}", "urn:uuid:" + id, "%7B" + id + "%7D"}) {
        EXPECT_EQ(send(FakeExchange{"GET", "/hosts/" + form}).status, 200U) << form;
    }
    const auto response = send(FakeExchange{"GET", "/hosts/not-a-uuid"});
    EXPECT_EQ(finding(response),
              R"({"type":"uuid_parsing","loc":["path","host_id"],"msg":"Input should be a valid UUID"})");
}

TEST_F(ApiTest, TellsUnknownHostsWithTheCodeThatEachRouteGives)
{
    const std::string id = "01890000-0000-7000-8000-000000000000";
    EXPECT_EQ(send(FakeExchange{"GET", "/hosts/" + id}).body, R"({"detail":"host not found"})");
    const std::string with_code = R"({"detail":"host not found","error_code":"NOT_FOUND"})";
    for (auto& exchange : std::vector<std::pair<std::string, std::string>>{
             {"DELETE", "/hosts/" + id}, {"POST", "/hosts/" + id + "/renew"}}) {
        const auto response = send(FakeExchange{exchange.first, exchange.second});
        EXPECT_EQ(response.status, 404U);
        EXPECT_EQ(response.body, with_code);
    }
}

TEST_F(ApiTest, MapsFailuresOfTheLifecycle)
{
    EXPECT_EQ(post("/hosts", R"({"provider":"x"})").body,
              R"({"detail":"unknown provider 'x'; available: scripted"})");
    const auto sizing = post("/hosts", R"({"disk_gb":10})");
    EXPECT_EQ(sizing.status, 400U);
    EXPECT_EQ(sizing.body, R"({"detail":"provider 'scripted' does not support a per-request disk_gb"})");

    cloud->on_step = [](const std::string& step, const std::string&) -> std::shared_ptr<Signal> {
        throw ScriptedError("failed at " + step);
    };
    const auto failed = post("/hosts", "");
    EXPECT_EQ(failed.status, 502U);
    EXPECT_EQ(failed.body,
              R"({"detail":"ScriptedError: failed at create","error_code":"PROVISIONING_FAILED"})");
    const auto id = service->rows().at(0).id.str();
    const auto renewal = post("/hosts/" + id + "/renew", "");
    EXPECT_EQ(renewal.status, 409U);
    EXPECT_EQ(renewal.body, R"({"detail":"cannot renew a host in status error","error_code":"HOST_STATE"})");
    const auto teardown = send(FakeExchange{"DELETE", "/hosts/" + id});
    EXPECT_EQ(teardown.status, 503U);
    EXPECT_EQ(teardown.body,
              R"({"detail":"host teardown could not be completed","error_code":"HOST_TEARDOWN"})");
    cloud->on_step = nullptr;
    EXPECT_EQ(send(FakeExchange{"DELETE", "/hosts/" + id}).status, 204U);
}

TEST_F(ApiTest, RefusesToDeleteWhatIsBeingMade)
{
    const auto gate = block_at("created");
    begin_create(CreateHost{});
    run_until_reached();
    const auto id = service->rows().at(0).id;
    const auto response = send(FakeExchange{"DELETE", "/hosts/" + id.str()});
    EXPECT_EQ(response.status, 409U);
    EXPECT_EQ(response.body, R"({"detail":"host is still provisioning","error_code":"HOST_STATE"})");
    gate->set();
    service->run_until([&] { return service->row(id)->status == HostStatus::active; });
}

TEST_F(ApiTest, DeletesWhatIsBeingMadeWhenForced)
{
    block_at("created");
    begin_create(CreateHost{});
    run_until_reached();
    const auto id = service->rows().at(0).id;
    const auto refused = send(FakeExchange{"DELETE", "/hosts/" + id.str() + "?force=false"});
    EXPECT_EQ(refused.status, 409U);
    const auto response = send(FakeExchange{"DELETE", "/hosts/" + id.str() + "?force=true"});
    EXPECT_EQ(response.status, 204U);
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(ApiTest, RefusesAForceThatIsNoBoolean)
{
    const auto response =
        send(FakeExchange{"DELETE", "/hosts/" + HostId::v7(service->now).str() + "?force=much"});
    EXPECT_EQ(
        finding(response),
        R"({"type":"bool_parsing","loc":["query","force"],"msg":"Input should be a valid boolean, unable to interpret input"})");
}

TEST_F(ApiTest, ListsNewestFirst)
{
    const auto first = create_one();
    service->now += std::chrono::seconds{1};
    const auto second = create_one();
    const auto hosts = boost::json::parse(send(FakeExchange{"GET", "/hosts?ignored=1"}).body).as_array();
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts.at(0).at("id").as_string(), std::string_view{second});
    EXPECT_EQ(hosts.at(1).at("id").as_string(), std::string_view{first});
}

TEST_F(ApiTest, RenewsUntilTheAskedTimeWhateverItsOffset)
{
    const auto id = create_one();
    const auto response = post("/hosts/" + id + "/renew", R"({"expires_at":"2031-01-01T02:00:00.5+02:00"})");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(boost::json::parse(response.body).at("expires_at"), "2031-01-01T00:00:00.500000Z");
}

TEST_F(ApiTest, ReportsTheDoctor)
{
    auto report = boost::json::parse(send(FakeExchange{"GET", "/doctor"}).body).as_object();
    EXPECT_EQ(report.at("ok"), true);
    EXPECT_EQ(report.at("active_provider"), "scripted");
    EXPECT_EQ(report.size(), 5U);
    EXPECT_EQ(report.at("tailscale_enabled"), false);
    EXPECT_EQ(report.at("tailnet"), false);
    // The times that the probes took differ.
    const auto older = boost::json::parse(send(FakeExchange{"GET", "/v0.2/doctor"}).body).as_object();
    EXPECT_EQ(older.size(), 5U);
    EXPECT_EQ(older.at("tailscale_enabled"), false);
    EXPECT_EQ(older.at("tailnet"), false);
    EXPECT_EQ(older.at("checks").as_array().size(), 2U);
    const auto& checks = report.at("checks").as_array();
    ASSERT_EQ(checks.size(), 2U);
    EXPECT_EQ(checks.at(0).at("name"), "db");
    EXPECT_EQ(checks.at(0).at("detail"), "select 1 -> 1");
    EXPECT_EQ(checks.at(1).at("name"), "provider");
    EXPECT_TRUE(checks.at(1).at("hint").is_null());

    fail_at("diagnose");
    report = boost::json::parse(send(FakeExchange{"GET", "/doctor"}).body).as_object();
    EXPECT_EQ(report.at("ok"), false);
    EXPECT_EQ(report.at("checks").at(1).at("detail"), "failed at diagnose");
    EXPECT_EQ(report.at("checks").at(1).at("hint"), "check_the_script");
}

} // namespace
} // namespace drukbox::service
