#pragma once

#include "service/networking/network.hpp"
#include "service/networking/tailscale/tailscale_settings.hpp"
#include "service/ssh/readiness.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <string>

namespace drukbox::service::tailscale {

/// Where SSH of a machine of that name on the tailnet is connected to.
using FindSsh = std::function<ssh::Address(const std::string& name)>;

/// By the system's resolver, which is to know the tailnet's names.
[[nodiscard]] ssh::Address by_magic_dns(const std::string& name);

/// The tailnet. Its coroutines run on the executor, a single thread; SSH handshakes on the thread pool.
[[nodiscard]] std::unique_ptr<Network> make_tailscale_network(boost::asio::any_io_executor executor,
                                                              boost::asio::thread_pool& blocking,
                                                              TailscaleSettings settings,
                                                              FindSsh find_ssh = by_magic_dns);

} // namespace drukbox::service::tailscale
