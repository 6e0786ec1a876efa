#pragma once

#include "service/hosts/context.hpp"
#include "service/records/host.hpp"

#include <boost/asio/awaitable.hpp>

namespace drukbox::service {

/// Takes a host's machine off the network, by the id that its row holds, and clears that as soon as it is
/// done, so that nobody does it twice. Nothing to do without a network or an id. Throws ProviderError,
/// StoreError.
[[nodiscard]] boost::asio::awaitable<void> release_device(HostContext& context, const Host& host);

} // namespace drukbox::service
