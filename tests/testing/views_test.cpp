#include "testing/exchange.hpp"
#include "testing/fixture.hpp"

#include <drukbox/litterbox/litterbox.hpp>

#include <boost/json.hpp>

#include <string>
#include <utility>

namespace drukbox::test {
namespace {

namespace json = boost::json;

class ViewsTest : public ServiceTest
{
protected:
    [[nodiscard]] json::object record(const std::string& target) const
    {
        const Exchange exchange{service_.port(), "GET " + target, "Authorization: Bearer test-token\r\n"};
        return json::parse(exchange.body).as_object();
    }
};

TEST_F(ViewsTest, ShowEveryClientTheRecordThatItReads)
{
    const std::string id = state_.add_host().id;
    EXPECT_EQ(record("/hosts/" + id).size(), 20U);
    EXPECT_EQ(record("/hosts/" + id).at("service_account"), "admin");
    EXPECT_EQ(record("/v0.2/hosts/" + id).size(), 19U);
    EXPECT_FALSE(record("/v0.2/hosts/" + id).contains("service_account"));
    EXPECT_TRUE(record("/litterbox/hosts/" + id).contains("announce_token_used"));
    EXPECT_EQ(record("/doctor").at("tailnet"), false);
}

TEST_F(ViewsTest, ServeALitterboxClient)
{
    SandboxConfig config = service_.config();
    const litterbox::SandboxClient litterbox{config.base_url + "/litterbox", config.token};
    const auto made = litterbox.create_host(litterbox::CreateHostRequest{}.image("i").env("A", "b"));
    EXPECT_EQ(made.status, "active");
    EXPECT_EQ(made.image, "i");
    EXPECT_EQ(made.ssh_host, "127.0.0.1");
    EXPECT_EQ(litterbox.get_host(made.id), made);
    EXPECT_EQ(litterbox.list_hosts().size(), 1U);
    EXPECT_EQ(client_.get_host(made.id).name, made.name);
    litterbox.delete_host(made.id);
    EXPECT_TRUE(state_.hosts().empty());
    EXPECT_EQ(service_.requests().front().operation, testing::Operation::create_host);
    EXPECT_EQ(service_.requests().front().target, "/litterbox/hosts");
}

TEST_F(ViewsTest, ServeAClientUnderThePrefixOfAnOlderRecord)
{
    SandboxConfig config = service_.config();
    config.base_url += "/v0.2";
    const SandboxClient client{config};
    const auto made = client.create_host();
    EXPECT_EQ(client.renew_host(made.id).id, made.id);
    EXPECT_EQ(client.list_hosts().size(), 1U);
    EXPECT_TRUE(client.doctor().ok);
    client.delete_host(made.id);
}

} // namespace
} // namespace drukbox::test
