#pragma once

#include "service/hosts/context.hpp"
#include "service/records/host.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace drukbox::service {

/// What nobody works on any more although a row says so: because its replica is dead, or because this one
/// could not record the end of its own work. Hosts in the making end in error, claims are finished, and
/// teardowns are let go for whoever takes them up.
class AbandonedHosts
{
public:
    explicit AbandonedHosts(HostContext& context)
        : context_(context)
    {
    }

    /// What this replica's predecessor left in the making, before the service listens.
    void recover();

    /// One look at all of it; the rows of others are for the leader. True when it found something to do.
    boost::asio::awaitable<bool> round();

private:
    struct Settled;

    boost::asio::awaitable<bool> finish_claim(Host claimed);
    boost::asio::awaitable<bool> settle(HostId id, std::string owner, std::string reason);

    HostContext& context_;
};

} // namespace drukbox::service
