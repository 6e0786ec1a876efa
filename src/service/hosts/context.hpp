#pragma once

#include "service/hosts/busy_hosts.hpp"
#include "service/hosts/dependencies.hpp"
#include "service/hosts/replica.hpp"
#include "service/runtime/failpoint.hpp"
#include "service/runtime/keyed_mutex.hpp"
#include "service/runtime/task_group.hpp"
#include "service/store/host_access.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace drukbox::service {

class Provision;

/// What the parts of one lifecycle share. Nobody else sees it.
class HostContext : public LifecycleDependencies
{
public:
    explicit HostContext(LifecycleDependencies dependencies)
        : LifecycleDependencies(std::move(dependencies))
        , access(executor, store)
        , replica(executor, store, replica_id, shared_store, now)
        , tasks(executor)
        , leases(executor)
    {
    }

    /// A state write, in one transaction. `step` names it for crash tests.
    template <class Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, Session&>> record(std::string_view step, Work work)
    {
        failpoint("before", step);
        if constexpr (std::is_void_v<std::invoke_result_t<Work&, Session&>>) {
            co_await store.write(std::move(work));
            failpoint("after", step);
        } else {
            auto result = co_await store.write(std::move(work));
            failpoint("after", step);
            co_return result;
        }
    }

    HostAccess access;
    Replica replica;
    TaskGroup tasks;
    /// Held while a host's lease is moved in the row and at the provider, so that the two cannot cross.
    KeyedMutex<HostId> leases;
    BusyHosts busy;
    /// The provisions of this process, each from before its row is there until all of it is over.
    std::map<HostId, std::shared_ptr<Provision>> provisions;
    /// Pool claims that are being recorded: which hosts they will have is not known yet.
    int claiming = 0;
    /// Called when a host was taken from the pool.
    std::function<void()> on_pool_claim = [] {};
};

} // namespace drukbox::service
