#include "service/hosts/lifecycle.hpp"

#include "service/hosts/abandoned_hosts.hpp"
#include "service/hosts/context.hpp"
#include "service/hosts/create.hpp"
#include "service/hosts/errors.hpp"
#include "service/hosts/leases.hpp"
#include "service/hosts/pool.hpp"
#include "service/hosts/provision.hpp"
#include "service/hosts/reconciler.hpp"
#include "service/hosts/teardowns.hpp"
#include "service/store/host_table.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace drukbox::service {

struct Lifecycle::Parts
{
    explicit Parts(LifecycleDependencies dependencies)
        : context(std::move(dependencies))
    {
        context.on_pool_claim = [this] { pool.wake(); };
        context.replica.on_change = [this] {
            reconciler.wake();
            pool.wake();
        };
        context.replica.on_teardown_requested = [this](const std::vector<HostId>& ids) {
            for (const auto& id : ids) {
                if (const auto running = context.provisions.find(id); running != context.provisions.end()) {
                    running->second->cancel();
                }
            }
        };
    }

    HostContext context;
    Leases leases{context};
    HostCreation creation{context, leases};
    Teardowns teardowns{context};
    Pool pool{context, creation, teardowns};
    Reconciler reconciler{context, teardowns};
};

Lifecycle::Lifecycle(LifecycleDependencies dependencies)
    : parts_(std::make_unique<Parts>(std::move(dependencies)))
{
}

Lifecycle::~Lifecycle() = default;

void Lifecycle::recover()
{
    AbandonedHosts{parts_->context}.recover();
    parts_->context.replica.join();
}

boost::asio::awaitable<CreatedHost> Lifecycle::create(CreateHost command)
{
    return parts_->creation.create(std::move(command));
}

boost::asio::awaitable<Host> Lifecycle::get(HostId id)
{
    auto host = co_await parts_->context.access.find(id);
    if (!host) {
        throw HostNotFound();
    }
    co_return std::move(*host);
}

boost::asio::awaitable<std::vector<Host>> Lifecycle::list(HostPage page)
{
    auto read = [page = std::move(page)](Session& sql) { return host_table::list(sql, page); };
    co_return co_await parts_->context.store.read(std::move(read));
}

boost::asio::awaitable<Host> Lifecycle::renew(HostId id, std::optional<Timestamp> expires_at)
{
    return parts_->leases.renew(id, expires_at);
}

boost::asio::awaitable<void> Lifecycle::remove(HostId id, bool force)
{
    return parts_->teardowns.remove(id, force);
}

void Lifecycle::run(std::chrono::seconds interval)
{
    const auto& executor = parts_->context.executor;
    boost::asio::co_spawn(executor, parts_->context.replica.run(), boost::asio::detached);
    boost::asio::co_spawn(executor, parts_->reconciler.run(interval), boost::asio::detached);
    boost::asio::co_spawn(executor, parts_->pool.run(interval), boost::asio::detached);
}

boost::asio::awaitable<bool> Lifecycle::reconcile()
{
    return parts_->reconciler.round();
}

boost::asio::awaitable<void> Lifecycle::maintain_pool()
{
    return parts_->pool.round();
}

void Lifecycle::stop()
{
    parts_->pool.stop();
    parts_->reconciler.stop();
}

boost::asio::awaitable<bool> Lifecycle::finish(std::chrono::steady_clock::duration limit)
{
    const bool finished = co_await parts_->context.tasks.drain(limit);
    co_await parts_->context.replica.leave();
    co_return finished;
}

std::size_t Lifecycle::unfinished() const noexcept
{
    return parts_->context.tasks.size();
}

Replica& Lifecycle::replica() noexcept
{
    return parts_->context.replica;
}

} // namespace drukbox::service
