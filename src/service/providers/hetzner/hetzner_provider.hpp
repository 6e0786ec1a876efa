#pragma once

#include "service/providers/configuration.hpp"
#include "service/providers/hetzner/hetzner_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>

namespace drukbox::service::hetzner {

/// The provider `hetzner`: a Hetzner Cloud server a machine; see docs/hetzner-provider.md. Its coroutines run
/// on `reactor`, handshakes on `blocking`.
[[nodiscard]] std::unique_ptr<Provider> make_hetzner_provider(boost::asio::any_io_executor reactor,
                                                              boost::asio::thread_pool& blocking,
                                                              HetznerSettings settings);

/// Asked for when it is the default, or when `HETZNER_API_TOKEN` is set.
[[nodiscard]] std::optional<ProviderMaker> configure(const Environment& environment,
                                                     const ProviderBasics& basics);

} // namespace drukbox::service::hetzner
