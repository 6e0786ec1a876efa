#pragma once

#include "service/hosts/host.hpp"
#include "service/providers/registry.hpp"
#include "service/runtime/keyed_mutex.hpp"
#include "service/runtime/task_group.hpp"
#include "service/sealing/sealer.hpp"
#include "service/store/database.hpp"
#include "service/store/host_access.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace drukbox::service {

/// How long things last.
class HostPolicy
{
public:
    std::chrono::seconds lease_default_ttl{86'400};
    std::chrono::seconds provisioning_grace{600};
    std::chrono::seconds unclaimed_lease{600};
    std::chrono::seconds idempotency_key_ttl{86'400};
    std::chrono::seconds private_key_replay{300};
};

/// What the parts of the lifecycle share. Everything of it is used on one reactor thread.
class HostContext
{
public:
    HostContext(boost::asio::any_io_executor on, Database& database, ProviderRegistry& registry,
                Sealer& seals, HostPolicy lasting, std::string default_provider_name)
        : executor(on)
        , store(database)
        , access(on, database)
        , providers(registry)
        , sealer(seals)
        , policy(lasting)
        , default_provider(std::move(default_provider_name))
        , tasks(on)
        , leases(on)
    {
    }

    boost::asio::any_io_executor executor;
    Database& store;
    HostAccess access;
    ProviderRegistry& providers;
    Sealer& sealer;
    HostPolicy policy;
    std::string default_provider;
    std::function<Timestamp()> now = [] {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    };
    TaskGroup tasks;
    /// Held while a host's lease is moved in the row and at the provider, so that the two cannot cross.
    KeyedMutex<HostId> leases;
};

} // namespace drukbox::service
