#pragma once

#include "service/hosts/lifecycle.hpp"
#include "service/providers/registry.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace drukbox::service {

/// HTTP proxies: resources of the provider's account, made and removed at the default provider, attached and
/// detached at the host's own. Throws HttpProxyError, HttpProxyExists, HttpProxyNotFound, HostError and
/// StoreError.
class HttpProxyService
{
public:
    HttpProxyService(Lifecycle& hosts, ProviderRegistry& providers, std::string default_provider);

    boost::asio::awaitable<void> create(HttpProxySpec spec);
    boost::asio::awaitable<void> remove(std::string name);
    boost::asio::awaitable<void> attach(std::string name, HostId host_id);
    boost::asio::awaitable<void> detach(std::string name, HostId host_id);

private:
    [[nodiscard]] HttpProxyCapability& default_proxies() const;
    boost::asio::awaitable<Host> host_with_machine(HostId id);

    Lifecycle& hosts_;
    ProviderRegistry& providers_;
    std::string default_provider_;
};

} // namespace drukbox::service
