#pragma once

#include "service/hosts/host_context.hpp"
#include "service/hosts/pool_claim.hpp"
#include "service/hosts/provision.hpp"
#include "service/hosts/reservation.hpp"
#include "service/hosts/teardowns.hpp"
#include "service/records/host.hpp"
#include "service/records/host_page.hpp"
#include "service/store/idempotency_table.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drukbox::service {

/// A create as a caller asks for it.
class CreateHost : public HostOrder
{
public:
    CreateHost() = default;

    std::optional<std::string> provider;
    std::optional<wire::Uuid> template_id; ///< Beside an image it counts for nothing.
    std::set<std::string> secrets;         ///< Their names.
    std::optional<std::string> idempotency_key;
    std::string account{admin_account}; ///< Who asks.
    CallerGone caller_gone;
};

/// The lifecycle of hosts: create, read, renew, delete. Throws HostError and StoreError.
class HostService
{
public:
    HostService(HostContext& context, Teardowns& teardowns);
    HostService(const HostService&) = delete;
    HostService& operator=(const HostService&) = delete;

    /// Returns when the host is usable. The provision goes on when the caller stops waiting. A key that
    /// stands for a host already hands out that host, to who asks for the same; who asks for nothing in
    /// particular gets a warm host where the pool has one.
    boost::asio::awaitable<CreatedHost> create(CreateHost command);

    boost::asio::awaitable<Host> get(HostId id);
    /// Newest first.
    boost::asio::awaitable<std::vector<Host>> list(HostPage page);

    /// `expires_at` none: LEASE_DEFAULT_TTL from now.
    boost::asio::awaitable<Host> renew(HostId id, std::optional<Timestamp> expires_at);

    /// Tears a host down at a caller's wish; with `force` also one that is still being made.
    boost::asio::awaitable<void> remove(HostId id, bool force = false);

    /// Makes a host for the pool. Nothing is thrown: the outcome is logged.
    boost::asio::awaitable<bool> create_for_pool(Provider& provider);

private:
    class Found;
    class Keyed;

    boost::asio::awaitable<Found> look_up(const Provider& provider, const CreateHost& command,
                                          const Keyed& keyed);
    boost::asio::awaitable<std::optional<idempotency_table::Binding>>
    start(Provider& provider, Reservation reservation, const Keyed& keyed,
          std::shared_ptr<Provision>& started);
    boost::asio::awaitable<std::optional<CreatedHost>> replay(HostId id, const CreateHost& command);
    boost::asio::awaitable<std::optional<CreatedHost>> hand_out(Host found, const CreateHost& command);
    boost::asio::awaitable<std::optional<Host>> claim(Host host);
    boost::asio::awaitable<void> provision(std::shared_ptr<Provision> provision, HostId id);

    HostContext& context_;
    Teardowns& teardowns_;
    PoolClaim pool_claim_;
};

} // namespace drukbox::service
