#pragma once

#include "service/providers/configuration.hpp"
#include "service/providers/provider.hpp"
#include "service/providers/sim/sim_settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>

namespace drukbox::service::sim {

/// The provider `sim`: machines that exist only as files, with the delays and failures of a cloud. Nothing
/// answers at their addresses. Its coroutines run on `reactor`; what blocks runs on `blocking`.
[[nodiscard]] std::unique_ptr<Provider> make_sim_provider(boost::asio::any_io_executor reactor,
                                                          boost::asio::thread_pool& blocking,
                                                          SimSettings settings);

/// Asked for when it is the default, or by `SIM_ENABLED`.
[[nodiscard]] std::optional<ProviderMaker> configure(const Environment& environment,
                                                     const ProviderBasics& basics);

} // namespace drukbox::service::sim
