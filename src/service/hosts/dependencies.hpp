#pragma once

#include "service/hosts/policy.hpp"
#include "service/metrics/metrics.hpp"
#include "service/networking/network.hpp"
#include "service/providers/registry.hpp"
#include "service/records/host.hpp"
#include "service/sealing/sealer.hpp"
#include "service/store/database.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <string>

namespace drukbox::service {

/// What a lifecycle is given. What is referred to outlives it; all of it is used on one reactor thread.
struct LifecycleDependencies
{
    boost::asio::any_io_executor executor;
    Database& store;
    bool shared_store; ///< Other replicas may use the database as well.
    ProviderRegistry& providers;
    Network* network; ///< What every machine joins; null: none.
    Sealer& sealer;
    Metrics& metrics;
    std::string replica_id;       ///< The same at every start: what a predecessor left is this one's.
    std::string default_provider; ///< For who names none.
    HostPolicy policy;
    std::function<Timestamp()> now = wire::now;
};

} // namespace drukbox::service
