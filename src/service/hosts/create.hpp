#pragma once

#include "service/hosts/context.hpp"
#include "service/hosts/idempotency.hpp"
#include "service/hosts/leases.hpp"
#include "service/hosts/order.hpp"
#include "service/hosts/pool_claim.hpp"
#include "service/hosts/reservation.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>

namespace drukbox::service {

/// How hosts come to be. `create.cpp` reads from top to bottom as a create runs.
class HostCreation
{
public:
    HostCreation(HostContext& context, Leases& leases);
    HostCreation(const HostCreation&) = delete;
    HostCreation& operator=(const HostCreation&) = delete;

    /// Returns when the host is usable. The provision goes on when the caller stops waiting. A key that
    /// stands for a host already hands out that host, to who asks for the same; who asks for nothing in
    /// particular gets a warm host where the pool has one.
    boost::asio::awaitable<CreatedHost> create(CreateHost command);

    /// Makes a host for the pool. Nothing is thrown: the outcome is logged.
    boost::asio::awaitable<bool> create_for_pool(Provider& provider);

private:
    /// What a create meets. None of the three: nothing is there yet.
    struct Found
    {
        Found() = default;

        std::optional<idempotency_table::Binding> bound; ///< The key stands for this host.
        std::optional<Host> claimed;                     ///< This one was taken from the pool.
        std::shared_ptr<Provision> begun;                ///< This one is being made for it.
    };

    boost::asio::awaitable<Found> find_or_claim(const Provider& provider, const CreateHost& command,
                                                const IdempotencyKey& key);
    boost::asio::awaitable<Found> begin(Provider& provider, Reservation reservation,
                                        const IdempotencyKey& key);
    boost::asio::awaitable<void> provision(std::shared_ptr<Provision> provision, HostId id);
    boost::asio::awaitable<std::optional<CreatedHost>> replay(HostId id, const CreateHost& command);
    boost::asio::awaitable<std::optional<CreatedHost>> wait_elsewhere(HostId id, const CreateHost& command);
    boost::asio::awaitable<std::optional<CreatedHost>> hand_out(Host found, const CreateHost& command);

    HostContext& context_;
    Leases& leases_;
    PoolClaim pool_claim_;
};

} // namespace drukbox::service
