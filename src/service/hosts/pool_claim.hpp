#pragma once

#include "service/hosts/context.hpp"
#include "service/hosts/provision.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace drukbox::service {

/// The second half of a claim from the pool, after the row is the caller's: the machine gets a key that
/// nobody has had where its provider can do that, and the caller's deadline.
class PoolClaim
{
public:
    explicit PoolClaim(HostContext& context)
        : context_(context)
    {
    }

    /// `host` is this replica's. Nothing when its machine turns out to be of no use, or the host was taken
    /// away: the caller looks further. Throws StoreError.
    boost::asio::awaitable<std::optional<CreatedHost>> finish(Host host, CallerGone gone);

    /// Goes on with a claim whose replica ended on the way; nothing when somebody else does.
    boost::asio::awaitable<std::optional<CreatedHost>> resume(Host host, CallerGone gone);

private:
    boost::asio::awaitable<std::optional<Redacted>> place_key(Provider& provider, Host& host);
    boost::asio::awaitable<void> give_up(const Host& host, const std::string& last_error);

    HostContext& context_;
};

} // namespace drukbox::service
