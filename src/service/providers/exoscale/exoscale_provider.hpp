#pragma once

#include "service/providers/configuration.hpp"
#include "service/providers/exoscale/exoscale_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>

namespace drukbox::service::exoscale {

/// The provider `exoscale`: an Exoscale instance a machine; see docs/exoscale-provider.md. Its coroutines run
/// on `reactor`, handshakes on `blocking`.
[[nodiscard]] std::unique_ptr<Provider> make_exoscale_provider(boost::asio::any_io_executor reactor,
                                                               boost::asio::thread_pool& blocking,
                                                               ExoscaleSettings settings);

/// Asked for when it is the default, or when `EXOSCALE_API_KEY` is set.
[[nodiscard]] std::optional<ProviderMaker> configure(const Environment& environment,
                                                     const ProviderBasics& basics);

} // namespace drukbox::service::exoscale
