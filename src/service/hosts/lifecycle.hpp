#pragma once

#include "service/hosts/dependencies.hpp"
#include "service/hosts/order.hpp"
#include "service/hosts/replica.hpp"
#include "service/records/host.hpp"
#include "service/records/host_page.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace drukbox::service {

/// The lives of hosts, from a create to the end of a teardown, whoever asks for them: callers, the pool, the
/// reconciler, other replicas. Owns all that takes part, and what its parts tell each other. Belongs to the
/// reactor thread. What callers ask for throws HostError and StoreError.
class Lifecycle
{
public:
    explicit Lifecycle(LifecycleDependencies dependencies);
    Lifecycle(const Lifecycle&) = delete;
    Lifecycle& operator=(const Lifecycle&) = delete;
    ~Lifecycle();

    /// Ends what a predecessor left in the making and joins the other replicas. Before anything else is
    /// asked, and before the reactor runs. Throws StoreError.
    void recover();

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

    /// From now on the rounds of the reconciler and the pool come at `interval` at the latest, and this
    /// replica is among the others, until stop().
    void run(std::chrono::seconds interval);

    /// One round of the reconciler, or of the pool. Every failure is logged. True when there is reason for
    /// another one at once.
    boost::asio::awaitable<bool> reconcile();
    boost::asio::awaitable<void> maintain_pool();

    /// No more rounds begin.
    void stop();

    /// Waits, for at most `limit`, until all that was begun is over, and leaves the replicas: what is
    /// unfinished is the others' from then on. True when nothing is.
    boost::asio::awaitable<bool> finish(std::chrono::steady_clock::duration limit);

    /// Provisions, teardowns and the like under way.
    [[nodiscard]] std::size_t unfinished() const noexcept;

    [[nodiscard]] Replica& replica() noexcept;

private:
    struct Parts;
    const std::unique_ptr<Parts> parts_;
};

} // namespace drukbox::service
