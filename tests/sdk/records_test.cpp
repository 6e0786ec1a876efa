#include "sdk/end_of.hpp"
#include "sdk/sample.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"

#include <drukbox/drukbox.hpp>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Every record, key by key, as an operation finds it in an answer.
namespace drukbox::sdk {
namespace {

namespace json = boost::json;
using namespace drukbox::test;

/// An operation whose answer holds a record.
class Use
{
public:
    std::function<void(const SandboxClient&)> call;
    /// The answer, around the record that is `%`.
    std::string answer = "%";
};

class RecordKind
{
public:
    const char* name;
    std::string whole; ///< With a value for each nullable.
    std::set<std::string> nullable;
    std::set<std::string> newer; ///< Those that older services do not send.
    std::vector<Use> uses;
};

void PrintTo(const RecordKind& kind, std::ostream* out)
{
    *out << kind.name;
}

RecordKind host()
{
    return {"host",
            wire::serialize(full_host()),
            {"instance_type", "disk_gb", "ssh_username", "internal_ssh_host", "tailscale_device_id",
             "private_key", "activated_at", "expires_at"},
            {"instance_type", "disk_gb", "ssh_username", "private_key"},
            {{[](const SandboxClient& client) { (void)client.get_host("a"); }},
             {[](const SandboxClient& client) { client.create_host(); }},
             {[](const SandboxClient& client) { client.renew_host("a"); }},
             {[](const SandboxClient& client) { (void)client.list_hosts(); }, "[" + sample_json() + ",%]"}}};
}

const std::string check = R"({"name":"db","status":"fail","detail":"none","latency_ms":1.5,"hint":"look"})";

const auto doctor = [](const SandboxClient& client) { (void)client.doctor(); };

RecordKind doctor_check()
{
    return {"doctor check",
            check,
            {"detail", "latency_ms", "hint"},
            {},
            {{doctor, R"({"ok":false,"active_provider":"local","tailscale_enabled":true,"checks":[)" + check +
                          ",%]}"}}};
}

RecordKind doctor_report()
{
    return {"doctor report",
            R"({"ok":false,"active_provider":"local","tailscale_enabled":true,"checks":[)" + check + "]}",
            {},
            {},
            {{doctor}}};
}

/// As services have it since 0.5.
RecordKind newer_doctor_report()
{
    return {"newer doctor report",
            R"({"ok":false,"active_provider":"local","tailnet":true,"checks":[)" + check + "]}",
            {},
            {},
            {{doctor}}};
}

RecordKind http_proxy()
{
    return {
        "HTTP proxy", R"({"name":"github","status":"created"})", {}, {}, {{[](const SandboxClient& client) {
            client.create_http_proxy(CreateHTTPProxyRequest{"github", "https://a"});
        }}}};
}

RecordKind http_proxy_attachment()
{
    return {"HTTP proxy attachment",
            R"({"name":"github","host_id":")" + host_id + R"(","status":"attached"})",
            {},
            {},
            {{[](const SandboxClient& client) { client.attach_http_proxy("github", "a"); }}}};
}

class RecordTest : public ::testing::TestWithParam<RecordKind>
{
protected:
    ~RecordTest() override
    {
        EXPECT_EQ(end_with(whole_), Expected::success) << "the client works on";
        client_.close();
        EXPECT_TRUE(eventually([this] { return server_.open() == 0; })) << "a connection is left";
    }

    /// What all uses end with, when the service answers with this record.
    Expected end_with(const json::value& record)
    {
        std::set<Expected> ends;
        for (const Use& use : GetParam().uses) {
            std::string answer = use.answer;
            answer.replace(answer.find('%'), 1, json::serialize(record));
            answer_with(answer);
            ends.insert(end_of([&] { use.call(client_); }));
        }
        EXPECT_EQ(ends.size(), 1U);
        return *ends.begin();
    }

    /// The same, with another value for one key.
    Expected end_with(const json::string_view key, const json::value& value)
    {
        json::value record = whole_;
        record.as_object()[key] = value;
        return end_with(record);
    }

    const json::value whole_ = json::parse(GetParam().whole);

private:
    void answer_with(std::string text)
    {
        const std::lock_guard lock{mutex_};
        text_ = std::move(text);
    }

    [[nodiscard]] std::string text() const
    {
        const std::lock_guard lock{mutex_};
        return text_;
    }

    mutable std::mutex mutex_;
    std::string text_;
    ScriptedServer server_{[this](Peer& peer) {
        for (;;) {
            peer.read_message();
            peer.send(http_answer(text()));
        }
    }};
    SandboxClient client_{server_.url(), "t"};
};

TEST_P(RecordTest, EachKeyInTurnIsOfTheWrongType)
{
    const std::vector<json::value> one_of_each{true, 22, "sb22", json::array{}, json::object{}};
    for (const auto& member : whole_.as_object()) {
        for (const json::value& value : one_of_each) {
            const bool is_right =
                value.kind() == member.value().kind() || (value.is_number() && member.value().is_number());
            EXPECT_EQ(end_with(member.key(), value), is_right ? Expected::success : Expected::response)
                << member.key() << " is " << value;
        }
        if (member.value().is_int64()) {
            EXPECT_EQ(end_with(member.key(), 22.5), Expected::response) << member.key();
        }
    }
}

TEST_P(RecordTest, EachKeyInTurnIsNullAndOnlyNullablesMayBe)
{
    for (const auto& member : whole_.as_object()) {
        EXPECT_EQ(end_with(member.key(), nullptr),
                  GetParam().nullable.contains(member.key()) ? Expected::success : Expected::response)
            << member.key();
    }
}

TEST_P(RecordTest, EachKeyInTurnIsAbsentAndOnlyTheNewerOnesMayBe)
{
    for (const auto& member : whole_.as_object()) {
        json::value record = whole_;
        record.as_object().erase(member.key());
        EXPECT_EQ(end_with(record),
                  GetParam().newer.contains(member.key()) ? Expected::success : Expected::response)
            << member.key();
    }
}

TEST_P(RecordTest, UnknownKeysAreIgnored)
{
    EXPECT_EQ(end_with("newer", json::parse(R"({"id":7,"deep":[[[]]]})")), Expected::success);
}

TEST_P(RecordTest, OnlyAnObjectIsOne)
{
    const std::vector<json::value> others{nullptr, true, 22, "22", json::array{}, json::array{whole_}};
    for (const json::value& other : others) {
        EXPECT_EQ(end_with(other), Expected::response) << other;
    }
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, RecordTest,
                         ::testing::Values(host(), doctor_check(), doctor_report(), newer_doctor_report(),
                                           http_proxy(), http_proxy_attachment()));

} // namespace
} // namespace drukbox::sdk
