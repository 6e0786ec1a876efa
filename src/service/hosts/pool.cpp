#include "service/hosts/pool.hpp"

#include "service/runtime/log.hpp"
#include "service/store/pool_table.hpp"

#include <algorithm>
#include <set>

namespace drukbox::service {

Pool::Pool(HostContext& context, HostCreation& creation, Teardowns& teardowns)
    : context_(context)
    , creation_(creation)
    , teardowns_(teardowns)
    , wakeup_(context.executor)
{
}

boost::asio::awaitable<void> Pool::run(std::chrono::seconds interval)
{
    // Where replicas share the pool, this one does not hear of the others' claims.
    const auto pause = context_.replica.is_shared() ? std::min(interval, Replica::beat_interval) : interval;
    while (!stopped_) {
        co_await round();
        co_await wakeup_.wait(pause);
    }
}

void Pool::wake()
{
    wakeup_.notify();
}

void Pool::stop()
{
    stopped_ = true;
    wakeup_.notify();
}

boost::asio::awaitable<void> Pool::round()
{
    if (!context_.replica.leads()) {
        co_return;
    }
    try {
        for (const auto& [name, target] : context_.policy.pool_sizes) {
            if (auto* provider = context_.providers.find(name)) {
                co_await fill(*provider, target);
            }
        }
        // Providers whose target is gone too.
        auto read = [](Session& sql) { return pool_table::providers(sql); };
        const auto with_members = co_await context_.store.read(std::move(read));
        for (const auto& name : with_members) {
            const auto target = context_.policy.pool_sizes.find(name);
            co_await shed(name, target == context_.policy.pool_sizes.end()
                                    ? 0
                                    : static_cast<std::size_t>(target->second));
        }
    } catch (const StoreError& error) {
        log::warning("pool.store_failed").field("error", error.what());
    } catch (const std::exception& error) {
        // A defect must not end the rounds of a service that goes on.
        log::error("pool.internal_error").field("error", error.what());
    }
}

/// A member that is about to be too old counts no more: its successor is there when it goes.
Timestamp Pool::good_until() const
{
    const auto margin =
        std::min(std::chrono::seconds{context_.policy.pool_max_age} / 10, std::chrono::seconds{300});
    return context_.now() + margin;
}

boost::asio::awaitable<void> Pool::fill(Provider& provider, int target)
{
    auto read = [name = std::string{provider.name()}, until = good_until()](Session& sql) {
        return pool_table::members(sql, name, until);
    };
    const auto members = co_await context_.store.read(std::move(read));
    context_.metrics.pool(provider.name(), members.warm.size(), static_cast<std::uint64_t>(target));
    const int making = std::max(members.making, making_[std::string{provider.name()}]);
    const int missing = target - static_cast<int>(members.warm.size()) - making;
    const int begun = std::min(missing, context_.policy.pool_creates - making);
    if (begun <= 0) {
        co_return;
    }
    log::info("pool.filling")
        .field("provider", provider.name())
        .field("target", target)
        .field("warm", members.warm.size())
        .field("making", making)
        .field("begun", begun);
    for (int i = 0; i < begun; ++i) {
        context_.tasks.spawn("pool.create", make(provider));
    }
}

boost::asio::awaitable<void> Pool::make(Provider& provider)
{
    const std::string name{provider.name()};
    ++making_[name];
    const bool made = co_await creation_.create_for_pool(provider);
    --making_[name];
    // After a failure not at once: a provider that is down is asked again in the next round.
    if (made) {
        wake();
    }
}

/// The oldest go first: they have the least time left.
boost::asio::awaitable<void> Pool::shed(const std::string& provider, std::size_t target)
{
    auto read = [provider, now = context_.now()](Session& sql) {
        return pool_table::members(sql, provider, now);
    };
    const auto all = co_await context_.store.read(std::move(read));
    auto read_good = [provider, until = good_until()](Session& sql) {
        return pool_table::members(sql, provider, until);
    };
    const auto good = co_await context_.store.read(std::move(read_good));
    // Those about to be too old are kept until their successors are there.
    if (good.warm.size() < target || all.warm.size() <= target) {
        co_return;
    }
    for (std::size_t i = 0; i < all.warm.size() - target; ++i) {
        co_await teardowns_.reap(all.warm[i], Teardowns::Cause::surplus);
    }
}

} // namespace drukbox::service
