#pragma once

#include "service/providers/configuration.hpp"
#include "service/providers/exe/exe_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>

namespace drukbox::service::exe {

/// The provider `exe`: a VM of exe.dev a machine, with HTTP proxies; see docs/exe-provider.md. Its coroutines
/// run on `reactor`, handshakes on `blocking`.
[[nodiscard]] std::unique_ptr<Provider> make_exe_provider(boost::asio::any_io_executor reactor,
                                                          boost::asio::thread_pool& blocking,
                                                          ExeSettings settings);

/// Asked for when it is the default, or when `EXE_API_TOKEN` is set.
[[nodiscard]] std::optional<ProviderMaker> configure(const Environment& environment,
                                                     const ProviderBasics& basics);

} // namespace drukbox::service::exe
