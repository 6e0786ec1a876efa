#pragma once

#include "service/providers/exe/command_endpoint.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace drukbox::service::exe {

/// HTTP proxies as integrations of the account.
class Proxies final : public HttpProxyCapability
{
public:
    /// The endpoint must outlive this.
    explicit Proxies(CommandEndpoint& endpoint)
        : endpoint_(endpoint)
    {
    }

    [[nodiscard]] boost::asio::awaitable<void> create_proxy(HttpProxySpec spec) override;
    [[nodiscard]] boost::asio::awaitable<void> remove_proxy(std::string name) override;
    [[nodiscard]] boost::asio::awaitable<void> attach_proxy(std::string name, std::string vm) override;
    [[nodiscard]] boost::asio::awaitable<void> detach_proxy(std::string name, std::string vm) override;

private:
    [[nodiscard]] boost::asio::awaitable<void> tie(std::string_view verb, std::string name, std::string vm,
                                                   std::string doing);

    CommandEndpoint& endpoint_;
};

} // namespace drukbox::service::exe
