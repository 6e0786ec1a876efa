#include "api_fixture.hpp"

#include <set>

namespace drukbox::service {
namespace {

class DocumentsTest : public ApiTest
{
protected:
    http::Response get(const std::string& target)
    {
        return send(FakeExchange{"GET", target, http::Headers{}, ""});
    }

    boost::json::object document(const std::string& target)
    {
        return boost::json::parse(get(target).body).as_object();
    }

    static std::set<std::string> operations(const boost::json::object& document)
    {
        std::set<std::string> found;
        for (const auto& path : document.at("paths").as_object()) {
            for (const auto& member : path.value().as_object()) {
                if (member.key() != "parameters") {
                    found.insert(std::string{member.key()} + " " + std::string{path.key()});
                }
            }
        }
        return found;
    }

    /// Whether every reference of a document leads somewhere.
    static void check_references(const boost::json::value& value, const boost::json::value& document)
    {
        if (const auto* array = value.if_array()) {
            for (const auto& element : *array) {
                check_references(element, document);
            }
        } else if (const auto* object = value.if_object()) {
            for (const auto& member : *object) {
                if (member.key() == "$ref") {
                    boost::json::error_code error;
                    EXPECT_NE(document.find_pointer(member.value().as_string().subview(1), error), nullptr)
                        << member.value();
                }
                check_references(member.value(), document);
            }
        }
    }
};

TEST_F(DocumentsTest, DescribesTheTenOperationsOfTheHostApiAndNoOther)
{
    const auto openapi = document("/openapi.json");
    EXPECT_EQ(openapi.at("openapi"), "3.1.0");
    EXPECT_EQ(
        operations(openapi),
        (std::set<std::string>{"post /hosts", "get /hosts", "get /hosts/{host_id}", "delete /hosts/{host_id}",
                               "post /hosts/{host_id}/renew", "post /http-proxies",
                               "delete /http-proxies/{name}", "post /http-proxies/{name}/hosts/{host_id}",
                               "delete /http-proxies/{name}/hosts/{host_id}", "get /doctor"}));
}

TEST_F(DocumentsTest, RefersOnlyToWhatIsThere)
{
    for (const std::string target : {"/openapi.json", "/openapi-extensions.json"}) {
        const boost::json::value whole = document(target);
        check_references(whole, whole);
    }
}

TEST_F(DocumentsTest, GivesEveryOperationAnIdOfItsOwn)
{
    const auto extensions = document("/openapi-extensions.json");
    std::set<std::string> ids;
    for (const auto& path : extensions.at("paths").as_object()) {
        for (const auto& member : path.value().as_object()) {
            if (member.key() != "parameters") {
                const auto id = std::string{member.value().at("operationId").as_string()};
                EXPECT_TRUE(ids.insert(id).second) << id;
            }
        }
    }
}

TEST_F(DocumentsTest, NamesOperationsAndSchemasAsGeneratedClientsKnowThem)
{
    const auto openapi = document("/openapi.json");
    std::set<std::string> ids;
    for (const auto& path : openapi.at("paths").as_object()) {
        for (const auto& member : path.value().as_object()) {
            if (member.key() != "parameters") {
                ids.emplace(member.value().at("operationId").as_string());
            }
        }
    }
    EXPECT_EQ(ids, (std::set<std::string>{
                       "create_host_hosts_post", "list_hosts_hosts_get", "get_host_hosts__host_id__get",
                       "delete_host_hosts__host_id__delete", "renew_host_hosts__host_id__renew_post",
                       "create_http_proxy_http_proxies_post", "delete_http_proxy_http_proxies__name__delete",
                       "attach_http_proxy_http_proxies__name__hosts__host_id__post",
                       "detach_http_proxy_http_proxies__name__hosts__host_id__delete", "doctor_doctor_get"}));
    const auto& schemas = openapi.at("components").at("schemas").as_object();
    for (const std::string name :
         {"HostOut", "HostCreate", "HostRenew", "HTTPProxyCreate", "HTTPProxyOut", "HTTPProxyAttachmentOut",
          "CheckOut", "DoctorOut", "SecretEntry", "SecretIssuer", "ValidationError", "HTTPValidationError"}) {
        EXPECT_TRUE(schemas.contains(name)) << name;
    }
}

TEST_F(DocumentsTest, DescribesEachViewInItsRecords)
{
    const auto extensions = document("/openapi-extensions.json");
    const auto described = operations(extensions);
    EXPECT_TRUE(described.contains("post /v0.2/hosts/{host_id}/renew"));
    EXPECT_TRUE(described.contains("get /litterbox/hosts"));
    EXPECT_FALSE(described.contains("get /litterbox/doctor"));
    const boost::json::value whole = extensions;
    EXPECT_EQ(
        whole.at_pointer("/paths/~1v0.2~1hosts/post/responses/201/content/application~1json/schema/$ref"),
        "#/components/schemas/HostOutV02");
}

TEST_F(DocumentsTest, DescribesAViewBelowItsPrefixWithTheNamesOfThePlainOne)
{
    const auto litterbox = document("/litterbox/openapi.json");
    EXPECT_EQ(operations(litterbox),
              (std::set<std::string>{"post /hosts", "get /hosts", "get /hosts/{host_id}",
                                     "delete /hosts/{host_id}"}));
    EXPECT_EQ(litterbox.at("servers"), (boost::json::array{boost::json::object{{"url", "/litterbox"}}}));
    const boost::json::value plain = document("/openapi.json");
    const boost::json::value whole = litterbox;
    check_references(whole, whole);
    EXPECT_EQ(whole.at_pointer("/paths/~1hosts/post/operationId"),
              plain.at_pointer("/paths/~1hosts/post/operationId"));
    EXPECT_EQ(whole.at_pointer("/paths/~1hosts/post/responses/201/content/application~1json/schema/$ref"),
              "#/components/schemas/LitterboxHost");
    EXPECT_EQ(operations(document("/v0.2/openapi.json")), operations(plain.as_object()));
}

TEST_F(DocumentsTest, DescribesRecordsWithTheKeysThatTheyHave)
{
    const auto id = create_one();
    const boost::json::value extensions = document("/openapi-extensions.json");
    for (const auto& [prefix, schema] : std::vector<std::pair<std::string, std::string>>{
             {"", "HostOut"}, {"/v0.2", "HostOutV02"}, {"/litterbox", "LitterboxHost"}}) {
        const auto record =
            boost::json::parse(send(FakeExchange{"GET", prefix + "/hosts/" + id}).body).as_object();
        const auto& properties =
            extensions.at_pointer("/components/schemas/" + schema + "/properties").as_object();
        EXPECT_EQ(record.size(), properties.size()) << schema;
        for (const auto& member : record) {
            EXPECT_TRUE(properties.contains(member.key())) << schema << " " << member.key();
        }
    }
}

TEST_F(DocumentsTest, ServesThePageAndAllOfItsFilesItself)
{
    const auto page = get("/docs");
    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(page.headers.find("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(page.headers.find("Content-Security-Policy").value_or("").starts_with("default-src 'none'"));
    EXPECT_EQ(page.body.find("://"), std::string::npos);
    for (std::size_t at = 0; (at = page.body.find("\"docs/", at)) != std::string::npos; ++at) {
        const auto file = page.body.substr(at + 1, page.body.find('"', at + 1) - at - 1);
        EXPECT_EQ(get("/" + file).status, 200U) << file;
    }
}

} // namespace
} // namespace drukbox::service
