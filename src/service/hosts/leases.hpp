#pragma once

#include "service/hosts/context.hpp"
#include "service/records/host.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace drukbox::service {

/// What became of telling a provider when a machine may end itself.
enum class DeadlineOutcome
{
    told,
    gone,   ///< The machine is known to be gone.
    failed, ///< It may not have heard; the log says why.
};

/// Tells the provider of a host, where this service has it, when the machine may end itself. Never throws
/// what the provider throws.
[[nodiscard]] boost::asio::awaitable<DeadlineOutcome> tell_deadline(HostContext& context, const Host& host,
                                                                    std::optional<Timestamp> deadline);

/// How long hosts last once they are there.
class Leases
{
public:
    explicit Leases(HostContext& context)
        : context_(context)
    {
    }

    /// `expires_at` none: LEASE_DEFAULT_TTL from now. Throws HostNotFound, HostStateConflict, RenewalFailed,
    /// StoreError.
    boost::asio::awaitable<Host> renew(HostId id, std::optional<Timestamp> expires_at);

    /// Stamps the lease that was asked for on a host that nobody had claimed; nothing when it is gone by now.
    /// The caller holds the host's lease lock. Throws StoreError.
    boost::asio::awaitable<std::optional<Host>> claim(Host host);

private:
    HostContext& context_;
};

} // namespace drukbox::service
