#pragma once

#include "service/providers/provider.hpp"
#include "service/ssh/readiness.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <string>

namespace drukbox::service {

/// Waits until SSH answers on a machine with its host key. Another key is borne until the
/// time is over: a machine may speak SSH before cloud-init has put ours in. Throws ProviderError, with the
/// provider's name.
[[nodiscard]] boost::asio::awaitable<void> wait_for_our_key(std::string provider,
                                                            boost::asio::thread_pool& blocking, Vm vm,
                                                            std::chrono::steady_clock::time_point until);

/// Reads the known_hosts lines of a machine, of whose keys nothing is known, at first contact. Throws
/// ProviderError, with the provider's name.
[[nodiscard]] boost::asio::awaitable<std::string>
scan_known_hosts(std::string provider, boost::asio::thread_pool& blocking, ssh::Address address,
                 std::chrono::steady_clock::time_point until);

} // namespace drukbox::service
