#pragma once

#include "service/providers/provider.hpp"
#include "service/providers/sim/sim_cloud.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace drukbox::service::sim {

/// The HTTP proxies of a simulated cloud: a file for each, and one for each machine that it is attached to.
/// Their content is for people to look at; values of header fields are not kept.
class SimProxies final : public HttpProxyCapability
{
public:
    SimProxies(boost::asio::thread_pool& blocking, std::shared_ptr<const SimCloud> cloud,
               std::filesystem::path directory);

    [[nodiscard]] boost::asio::awaitable<void> create_proxy(HttpProxySpec spec) override;
    [[nodiscard]] boost::asio::awaitable<void> remove_proxy(std::string name) override;
    [[nodiscard]] boost::asio::awaitable<void> attach_proxy(std::string name, std::string vm) override;
    [[nodiscard]] boost::asio::awaitable<void> detach_proxy(std::string name, std::string vm) override;

private:
    class Files;

    boost::asio::thread_pool& blocking_;
    std::shared_ptr<const Files> files_;
};

} // namespace drukbox::service::sim
