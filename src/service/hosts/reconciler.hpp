#pragma once

#include "service/hosts/abandoned_hosts.hpp"
#include "service/hosts/context.hpp"
#include "service/hosts/inventory.hpp"
#include "service/hosts/teardowns.hpp"
#include "service/runtime/wakeup.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace drukbox::service {

/// Brings rows and machines together: reaps leases that have run out, takes up teardowns that failed and what
/// dead replicas left, removes machines without a row, and marks rows without a machine. The leading replica
/// does it; the others look after what they could not record themselves.
class Reconciler
{
public:
    Reconciler(HostContext& context, Teardowns& teardowns);

    /// Rounds at `interval`, the first at once, until stop().
    boost::asio::awaitable<void> run(std::chrono::seconds interval);

    /// One round. Every failure is logged and left for the next one. True when there is reason for another
    /// one at once.
    boost::asio::awaitable<bool> round();

    /// A round is due now.
    void wake();
    void stop();

private:
    boost::asio::awaitable<void> reap_due();
    boost::asio::awaitable<void> forget_old();

    HostContext& context_;
    Teardowns& teardowns_;
    AbandonedHosts abandoned_;
    Inventory inventory_;
    Wakeup wakeup_;
    bool stopped_ = false;
};

} // namespace drukbox::service
