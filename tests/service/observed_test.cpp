#include "api_fixture.hpp"
#include "scripted_network.hpp"
#include "service/networking/observed_network.hpp"

namespace drukbox::service {
namespace {

class ObservedTest : public ApiTest
{
protected:
    std::string calls(const std::string& asked, const std::string& operation, const std::string& outcome)
    {
        const std::string text = service->metrics.text();
        for (std::size_t at = 0;
             (at = text.find("drukbox_provider_calls_total{", at)) != std::string::npos;) {
            const auto line = text.substr(at, text.find('\n', at) - at);
            at += line.size();
            if (line.find('"' + asked + '"') != std::string::npos &&
                line.find('"' + operation + '"') != std::string::npos &&
                line.find('"' + outcome + '"') != std::string::npos) {
                return line.substr(line.rfind(' ') + 1);
            }
        }
        return "none";
    }
};

TEST_F(ObservedTest, CountsEveryCallOfAProvider)
{
    cloud->capabilities.replaces_key = true;
    const auto host = create_one();
    post("/http-proxies", R"({"name":"p","target":"https://example.com","headers":{"X-Key":"secret"}})");
    send(FakeExchange{"POST", "/http-proxies/p/hosts/" + host});
    send(FakeExchange{"DELETE", "/http-proxies/p/hosts/" + host});
    send(FakeExchange{"DELETE", "/http-proxies/p"});
    send(FakeExchange{"GET", "/doctor"});
    auto* provider = service->providers.find("scripted");
    service->run(provider->replace_key("vm", "key"));
    service->run(service->hosts.reconcile());
    send(FakeExchange{"DELETE", "/hosts/" + host});
    for (const auto* operation :
         {"create", "wait_until_reachable", "set_deadline", "create_proxy", "attach_proxy", "detach_proxy",
          "remove_proxy", "diagnose", "replace_key", "list", "remove"}) {
        EXPECT_EQ(calls("scripted", operation, "ok"), "1") << operation;
    }
}

TEST_F(ObservedTest, CountsFailuresByTheirKind)
{
    cloud->on_step = [](const std::string&, const std::string&) -> std::shared_ptr<Signal> {
        throw ScriptedError("refused");
    };
    post("/hosts", "");
    send(FakeExchange{"GET", "/doctor"});
    cloud->on_step = nullptr;
    EXPECT_EQ(calls("scripted", "create", "ScriptedError"), "1");
    EXPECT_EQ(calls("scripted", "diagnose", "ScriptedError"), "1");
    EXPECT_EQ(calls("scripted", "create", "ok"), "none");
}

TEST_F(ObservedTest, CountsEveryCallOfANetwork)
{
    const auto network = observed(std::make_unique<ScriptedNetwork>(cloud), service->metrics);
    EXPECT_EQ(network->name(), "tailscale");
    service->run(network->admit("sb-1"));
    service->run(network->withdraw("admission-of-sb-1"));
    service->run(network->wait_for_device("sb-1"));
    service->run(network->wait_until_reachable("sb-1", "key"));
    service->run(network->release("device-of-sb-1"));
    service->run(network->diagnose());
    for (const auto* operation :
         {"admit", "withdraw", "wait_for_device", "wait_until_reachable", "release", "diagnose"}) {
        EXPECT_EQ(calls("tailscale", operation, "ok"), "1") << operation;
    }
}

} // namespace
} // namespace drukbox::service
