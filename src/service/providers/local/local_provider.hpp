#pragma once

#include "service/providers/configuration.hpp"
#include "service/providers/local/local_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>

namespace drukbox::service::local {

/// The provider `local`: sandboxes on this machine, see docs/local-provider.md. Its coroutines run on
/// `reactor`, a single thread; what blocks runs on `blocking`. Both must outlive them. Sandboxes outlive it.
[[nodiscard]] std::unique_ptr<Provider> make_local_provider(boost::asio::any_io_executor reactor,
                                                            boost::asio::thread_pool& blocking,
                                                            LocalSettings settings);

/// Asked for when it is the default, when a `LOCAL_` setting is there, and when sandboxes of an earlier
/// configuration may be left.
[[nodiscard]] std::optional<ProviderMaker> configure(const Environment& environment,
                                                     const ProviderBasics& basics);

} // namespace drukbox::service::local
