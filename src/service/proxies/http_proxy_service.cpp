#include "service/proxies/http_proxy_service.hpp"

#include "service/hosts/errors.hpp"
#include "service/proxies/errors.hpp"
#include "service/records/host_state.hpp"
#include "service/runtime/log.hpp"

#include <utility>

namespace drukbox::service {
namespace {

HttpProxyCapability& proxies_of(Provider& provider)
{
    if (auto* proxies = provider.http_proxies()) {
        return *proxies;
    }
    throw HttpProxiesUnsupported(std::string{provider.name()});
}

Provider& provider_named(const ProviderRegistry& providers, const std::string& name)
{
    if (auto* provider = providers.find(name)) {
        return *provider;
    }
    throw UnknownProvider("unknown VM provider: " + name);
}

[[noreturn]] void fail_for_lack_of_a_machine()
{
    throw HostStateConflict("host does not have a backing VM");
}

/// Runs one call of the provider; what it cannot explain to a caller becomes HttpProxyFailed.
boost::asio::awaitable<void> guarded(boost::asio::awaitable<void> call, std::string name, std::string done)
{
    try {
        co_await std::move(call);
    } catch (const HttpProxyExists&) {
        throw;
    } catch (const HttpProxyNotFound&) {
        throw;
    } catch (const VmNotFound&) {
        fail_for_lack_of_a_machine();
    } catch (const ProviderError& error) {
        log::warning("http_proxy.failed")
            .field("name", name)
            .field("wanted", done)
            .field("error", error.what());
        throw HttpProxyFailed(done);
    }
}

} // namespace

HttpProxyService::HttpProxyService(Lifecycle& hosts, ProviderRegistry& providers,
                                   std::string default_provider)
    : hosts_(hosts)
    , providers_(providers)
    , default_provider_(std::move(default_provider))
{
}

boost::asio::awaitable<void> HttpProxyService::create(HttpProxySpec spec)
{
    auto& proxies = default_proxies();
    std::string name = spec.name;
    co_await guarded(proxies.create_proxy(std::move(spec)), name, "created");
    log::info("http_proxy.created").field("name", name);
}

boost::asio::awaitable<void> HttpProxyService::remove(std::string name)
{
    auto& proxies = default_proxies();
    co_await guarded(proxies.remove_proxy(name), name, "removed");
    log::info("http_proxy.removed").field("name", name);
}

boost::asio::awaitable<void> HttpProxyService::attach(std::string name, HostId host_id)
{
    const auto host = co_await host_with_machine(host_id);
    auto& proxies = proxies_of(provider_named(providers_, host.provider));
    co_await guarded(proxies.attach_proxy(name, host.name), name, "attached");
    log::info("http_proxy.attached").field("name", name).field("host_id", host_id.str());
}

boost::asio::awaitable<void> HttpProxyService::detach(std::string name, HostId host_id)
{
    const auto host = co_await host_with_machine(host_id);
    auto& proxies = proxies_of(provider_named(providers_, host.provider));
    co_await guarded(proxies.detach_proxy(name, host.name), name, "detached");
    log::info("http_proxy.detached").field("name", name).field("host_id", host_id.str());
}

HttpProxyCapability& HttpProxyService::default_proxies() const
{
    return proxies_of(provider_named(providers_, default_provider_));
}

/// Throws where there is no such host, or no machine that it stands for.
boost::asio::awaitable<Host> HttpProxyService::host_with_machine(HostId id)
{
    auto host = co_await hosts_.get(id);
    if (!host_state::has_machine(host)) {
        fail_for_lack_of_a_machine();
    }
    co_return host;
}

} // namespace drukbox::service
