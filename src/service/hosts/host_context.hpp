#pragma once

#include "service/hosts/in_hand.hpp"
#include "service/hosts/replica.hpp"
#include "service/metrics/metrics.hpp"
#include "service/networking/network.hpp"
#include "service/providers/registry.hpp"
#include "service/records/host.hpp"
#include "service/runtime/failpoint.hpp"
#include "service/runtime/keyed_mutex.hpp"
#include "service/runtime/task_group.hpp"
#include "service/sealing/sealer.hpp"
#include "service/store/database.hpp"
#include "service/store/host_access.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace drukbox::service {

class Provision;

/// How long things last, and how many are kept ready.
class HostPolicy
{
public:
    HostPolicy() = default;

    std::chrono::seconds lease_default_ttl{86'400};
    std::chrono::seconds provisioning_grace{600};
    std::chrono::seconds unclaimed_lease{600};
    std::chrono::seconds idempotency_key_ttl{86'400};
    std::chrono::seconds private_key_replay{300};
    /// How long a machine without a record is spared where it may be a neighbour's in the making.
    std::chrono::seconds orphan_grace{600};
    /// Warm hosts to keep, by provider.
    std::map<std::string, int> pool_sizes;
    std::chrono::seconds pool_max_age{4 * 3600};
    /// Pool hosts of one provider in the making at a time.
    int pool_creates = 2;
};

/// What the parts of the lifecycle share. Everything of it is used on one reactor thread.
class HostContext
{
public:
    HostContext(boost::asio::any_io_executor on, Database& database, ProviderRegistry& registry,
                Sealer& seals, Replica& self, Metrics& counters, HostPolicy lasting,
                std::string default_provider_name)
        : executor(on)
        , store(database)
        , access(on, database)
        , providers(registry)
        , sealer(seals)
        , replica(self)
        , metrics(counters)
        , policy(std::move(lasting))
        , default_provider(std::move(default_provider_name))
        , tasks(on)
        , leases(on)
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

    /// A call of a provider, counted and timed, and named for crash tests as well.
    template <class T>
    boost::asio::awaitable<T> call(const Provider& provider, std::string_view operation,
                                   boost::asio::awaitable<T> made)
    {
        return call(provider.name(), "provider." + std::string{operation}, operation, std::move(made));
    }

    /// The same of the network.
    template <class T>
    boost::asio::awaitable<T> call(const Network& asked, std::string_view operation,
                                   boost::asio::awaitable<T> made)
    {
        return call(asked.name(), "network." + std::string{operation}, operation, std::move(made));
    }

    template <class T>
    boost::asio::awaitable<T> call(std::string_view asked, std::string step, std::string_view operation,
                                   boost::asio::awaitable<T> made)
    {
        const auto begun = std::chrono::steady_clock::now();
        // Not by a destructor: a coroutine that is never resumed is destroyed after the metrics.
        const auto count = [&](std::string_view outcome) {
            metrics.provider_call(asked, operation, outcome, std::chrono::steady_clock::now() - begun);
        };
        failpoint("before", step);
        try {
            if constexpr (std::is_void_v<T>) {
                co_await std::move(made);
                count("ok");
                failpoint("after", step);
            } else {
                T result = co_await std::move(made);
                count("ok");
                failpoint("after", step);
                co_return result;
            }
        } catch (const ProviderError& error) {
            count(error.kind());
            throw;
        } catch (...) {
            count("interrupted");
            throw;
        }
    }

    boost::asio::any_io_executor executor;
    Database& store;
    HostAccess access;
    ProviderRegistry& providers;
    /// What every machine joins; null: none.
    Network* network = nullptr;
    Sealer& sealer;
    Replica& replica;
    Metrics& metrics;
    HostPolicy policy;
    std::string default_provider;
    std::function<Timestamp()> now = wire::now;
    TaskGroup tasks;
    /// Held while a host's lease is moved in the row and at the provider, so that the two cannot cross.
    KeyedMutex<HostId> leases;
    InHand in_hand;
    /// The provisions of this process, each from before its row is there until all of it is over.
    std::map<HostId, std::shared_ptr<Provision>> provisions;
    /// Pool claims that are being recorded: which hosts they will have is not known yet.
    int claiming = 0;
    /// Called when a host was taken from the pool.
    std::function<void()> on_pool_claim = [] {};
};

} // namespace drukbox::service
