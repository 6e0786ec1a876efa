#include "service/hosts/reconciler.hpp"

#include "service/runtime/log.hpp"
#include "service/store/ended_host_table.hpp"
#include "service/store/host_ownership.hpp"
#include "service/store/idempotency_table.hpp"
#include "service/store/replica_table.hpp"

#include <algorithm>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

// Teardowns of one round that run side by side.
constexpr std::size_t reaping_width = 16;
// How long the end of a host is remembered: no provider shows a machine that late, and no caller waits so
// long.
constexpr auto memory = 24h;

} // namespace

Reconciler::Reconciler(HostContext& context, Teardowns& teardowns)
    : context_(context)
    , teardowns_(teardowns)
    , abandoned_(context)
    , inventory_(context)
    , wakeup_(context.executor)
{
}

boost::asio::awaitable<void> Reconciler::run(std::chrono::seconds interval)
{
    while (!stopped_) {
        const bool again = co_await round();
        if (!again) {
            co_await wakeup_.wait(interval);
        }
    }
}

void Reconciler::wake()
{
    wakeup_.notify();
}

void Reconciler::stop()
{
    stopped_ = true;
    wakeup_.notify();
}

boost::asio::awaitable<bool> Reconciler::round()
{
    bool again = false;
    std::string_view outcome = "failed";
    const auto begun = std::chrono::steady_clock::now();
    try {
        // Reaping first: what the others mark as failed can be seen until the next round.
        if (context_.replica.leads()) {
            co_await reap_due();
        }
        again = co_await abandoned_.round();
        if (context_.replica.leads()) {
            for (auto* provider : context_.providers.all()) {
                co_await inventory_.compare(*provider);
            }
            co_await forget_old();
        }
        outcome = "ok";
    } catch (const StoreError& error) {
        log::warning("reconciler.store_failed").field("error", error.what());
    } catch (const std::exception& error) {
        // A defect must not end the rounds of a service that goes on.
        log::error("reconciler.internal_error").field("error", error.what());
    }
    context_.metrics.reconciler_round(outcome, std::chrono::steady_clock::now() - begun);
    co_return again;
}

boost::asio::awaitable<void> Reconciler::reap_due()
{
    auto due = [now = context_.now()](Session& sql) { return host_ownership::due(sql, now); };
    const auto ids = co_await context_.store.read(std::move(due));
    TaskGroup reaping{context_.executor};
    auto reap = [this](HostId id) -> boost::asio::awaitable<void> {
        co_await teardowns_.reap(id, Teardowns::Cause::due);
    };
    for (std::size_t next = 0; next < ids.size(); next += reaping_width) {
        const auto end = std::min(ids.size(), next + reaping_width);
        for (auto i = next; i < end; ++i) {
            reaping.spawn("reap", reap(ids[i]));
        }
        co_await reaping.drain(1h);
    }
}

boost::asio::awaitable<void> Reconciler::forget_old()
{
    auto forget = [now = context_.now(), here = context_.now()](Session& sql) {
        ended_host_table::forget(sql, now - memory);
        idempotency_table::forget(sql, now);
        replica_table::forget(sql, replica_table::clock(sql, here) - memory);
    };
    co_await context_.record("forget", std::move(forget));
}

} // namespace drukbox::service
