#pragma once

#include "service/hosts/host_context.hpp"
#include "service/hosts/host_service.hpp"
#include "service/runtime/signal.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>

namespace drukbox::service {

/// Brings rows and machines together: reaps leases that have run out, takes up teardowns that failed, fails
/// rows that no provision works on, removes machines without a row, and marks rows without a machine.
class Reconciler
{
public:
    Reconciler(HostContext& context, HostService& hosts);

    /// Rounds at `interval`, the first at once, until stop().
    boost::asio::awaitable<void> run(std::chrono::seconds interval);

    /// One round. Every failure is logged and left for the next one.
    boost::asio::awaitable<void> round();

    void stop();

private:
    boost::asio::awaitable<void> fail_stranded();
    boost::asio::awaitable<void> compare_inventory(Provider& provider);
    boost::asio::awaitable<void> reap_due();

    HostContext& context_;
    HostService& hosts_;
    Signal stopped_;
};

} // namespace drukbox::service
