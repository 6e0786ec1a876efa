#include "api_fixture.hpp"

namespace drukbox::service {
namespace {

class HostListingTest : public ApiTest
{
protected:
    /// Puts rows into the store, one a second, the oldest first.
    void insert(int count, const std::string& provider = "scripted", HostStatus status = HostStatus::active)
    {
        auto work = [&](Session& sql) {
            for (int i = 0; i < count; ++i) {
                service->now += std::chrono::seconds{1};
                Host host;
                host.id = HostId::v7(service->now);
                host.name = host_name(host.id);
                host.provider = provider;
                host.status = status;
                host.created_at = service->now;
                host.updated_at = service->now;
                host_table::insert(sql, host);
                ids.insert(ids.begin(), host.id.str());
            }
        };
        service->store.write_now(work);
    }

    http::Response get(const std::string& target) { return send(FakeExchange{"GET", target}); }

    /// The whole body of an answer, the pieces that it is made of counted in `pieces`.
    std::string body_of(http::Response response)
    {
        std::string body = response.body;
        pieces = 1;
        while (response.rest) {
            const auto piece = service->run(response.rest());
            if (piece.empty()) {
                break;
            }
            body += piece;
            ++pieces;
        }
        return body;
    }

    static std::vector<std::string> ids_of(const std::string& body)
    {
        const auto hosts = boost::json::parse(body);
        std::vector<std::string> found;
        for (const auto& host : hosts.as_array()) {
            found.emplace_back(host.at("id").as_string());
        }
        return found;
    }

    /// The target of the next page; empty on the last one.
    static std::string next(const http::Response& response)
    {
        const auto link = response.headers.find("Link").value_or("");
        constexpr std::string_view end = ">; rel=\"next\"";
        return link.ends_with(end) ? std::string{link.substr(1, link.size() - 1 - end.size())}
                                   : std::string{link};
    }

    std::vector<std::string> ids; ///< Newest first.
    int pieces = 0;
};

TEST_F(HostListingTest, GivesAFewHostsAtOnce)
{
    EXPECT_EQ(body_of(get("/hosts")), "[]");
    insert(3);
    EXPECT_EQ(ids_of(body_of(get("/hosts"))), ids);
    EXPECT_EQ(pieces, 1);
}

TEST_F(HostListingTest, GivesManyHostsPieceByPiece)
{
    // Also as many as fill the last piece to the brim.
    for (const int more : {700, 68}) {
        insert(more);
        EXPECT_EQ(ids_of(body_of(get("/hosts"))), ids);
        EXPECT_GT(pieces, 2);
    }
}

TEST_F(HostListingTest, NeitherRepeatsNorLosesAHostWhileOthersComeAndGo)
{
    insert(600);
    auto response = get("/hosts");
    const auto listed = ids;
    insert(5);
    auto erase = [&](Session& sql) {
        return host_table::erase(sql, HostId::parse(listed.at(300)).value(), service->now);
    };
    service->store.write_now(erase);
    auto expected = listed;
    expected.erase(expected.begin() + 300);
    EXPECT_EQ(ids_of(body_of(std::move(response))), expected);
}

TEST_F(HostListingTest, PagesByKey)
{
    insert(7);
    std::vector<std::string> found;
    std::string target = "/hosts?limit=3";
    for (const std::size_t size : {3, 3, 1}) {
        const auto page = get(target);
        const auto part = ids_of(page.body);
        EXPECT_EQ(part.size(), size);
        found.insert(found.end(), part.begin(), part.end());
        target = next(page);
    }
    EXPECT_EQ(target, "");
    EXPECT_EQ(found, ids);
    EXPECT_EQ(next(get("/hosts?limit=7")), "");
}

TEST_F(HostListingTest, TellsHostsOfOneMomentApart)
{
    insert(1);
    service->now -= std::chrono::seconds{1};
    insert(1);
    const auto first = get("/hosts?limit=1");
    EXPECT_EQ(ids_of(first.body), std::vector{ids.at(0)});
    EXPECT_EQ(ids_of(get(next(first)).body), std::vector{ids.at(1)});
}

TEST_F(HostListingTest, FiltersWholeListsAndPages)
{
    insert(2, "some/one");
    insert(3, "scripted", HostStatus::error);
    insert(2);
    EXPECT_EQ(ids_of(get("/hosts?status=error").body).size(), 3U);
    EXPECT_EQ(ids_of(get("/hosts?provider=some%2Fone").body).size(), 2U);
    EXPECT_EQ(get("/hosts?provider=some/one&status=error").body, "[]");
    const auto page = get("/hosts?provider=some%2Fone&status=active&limit=1");
    EXPECT_EQ(ids_of(page.body), std::vector{ids.at(5)});
    EXPECT_EQ(ids_of(get(next(page)).body), std::vector{ids.at(6)});
}

TEST_F(HostListingTest, KeepsTheViewOnTheNextPage)
{
    insert(2);
    const auto page = get("/litterbox/hosts?limit=1");
    EXPECT_TRUE(next(page).starts_with("/litterbox/hosts?")) << next(page);
    EXPECT_TRUE(boost::json::parse(get(next(page)).body).at(0).as_object().contains("ssh_host"));
}

TEST_F(HostListingTest, FindsFaultWithEachParameter)
{
    const auto in = [](const std::string& name, const std::string& rest) {
        return R"({"type":")" + rest.substr(0, rest.find('|')) + R"(","loc":["query",")" + name +
               R"("],"msg":")" + rest.substr(rest.find('|') + 1) + R"("})";
    };
    const std::string no_integer =
        "int_parsing|Input should be a valid integer, unable to parse string as an integer";
    const std::string cursor = "value_error|Value error, cursor must come from a Link header";
    const std::vector<std::tuple<std::string, std::string, std::string>> cases{
        {"limit=", "limit", no_integer},
        {"limit=1.5", "limit", no_integer},
        {"limit=x", "limit", no_integer},
        {"limit=0", "limit", "greater_than_equal|Input should be greater than or equal to 1"},
        {"limit=-99999999999999999999", "limit",
         "greater_than_equal|Input should be greater than or equal to 1"},
        {"limit=1001", "limit", "less_than_equal|Input should be less than or equal to 1000"},
        {"limit=99999999999999999999", "limit", "less_than_equal|Input should be less than or equal to 1000"},
        {"cursor=", "cursor", cursor},
        {"cursor=8" + std::string(47, '0'), "cursor", cursor},
        {"cursor=" + std::string(48, 'A'), "cursor", cursor},
        {"status=gone", "status",
         "enum|Input should be 'provisioning', 'creating_network', 'creating_vm', 'bootstrapping', 'active' "
         "or 'error'"},
        {"provider=", "provider", "value_error|Value error, provider must be a name"},
        {"provider=%00", "provider", "value_error|Value error, provider must be a name"},
        {"provider=%FF", "provider", "value_error|Value error, provider must be a name"},
    };
    for (const auto& [query, name, expected] : cases) {
        EXPECT_EQ(finding(get("/hosts?" + query)), in(name, expected)) << query;
    }
    EXPECT_EQ(boost::json::parse(get("/hosts?limit=0&cursor=x&status=x&provider=").body)
                  .at("detail")
                  .as_array()
                  .size(),
              4U);
}

} // namespace
} // namespace drukbox::service
