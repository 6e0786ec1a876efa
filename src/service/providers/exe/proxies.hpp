#pragma once

#include "service/providers/exe/lobby.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace drukbox::service::exe {

/// HTTP proxies as integrations of the account.
class Proxies final : public HttpProxyCapability
{
public:
    /// The lobby must outlive this.
    explicit Proxies(Lobby& lobby)
        : lobby_(lobby)
    {
    }

    [[nodiscard]] boost::asio::awaitable<void> create_proxy(HttpProxySpec spec) override;
    [[nodiscard]] boost::asio::awaitable<void> remove_proxy(std::string name) override;
    [[nodiscard]] boost::asio::awaitable<void> attach_proxy(std::string name, std::string vm) override;
    [[nodiscard]] boost::asio::awaitable<void> detach_proxy(std::string name, std::string vm) override;

private:
    [[nodiscard]] boost::asio::awaitable<void> tie(std::string_view verb, std::string name, std::string vm,
                                                   std::string doing);

    Lobby& lobby_;
};

} // namespace drukbox::service::exe
