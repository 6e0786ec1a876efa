#include "service/hosts/reconciler.hpp"

#include "service/hosts/end_in_error.hpp"
#include "service/runtime/log.hpp"
#include "service/store/host_table.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace drukbox::service {
namespace {

// Teardowns of one round that run side by side.
constexpr std::size_t reaping_width = 16;

} // namespace

Reconciler::Reconciler(HostContext& context, HostService& hosts)
    : context_(context)
    , hosts_(hosts)
    , stopped_(context.executor)
{
}

boost::asio::awaitable<void> Reconciler::run(std::chrono::seconds interval)
{
    // g++ 12 miscompiles a co_await in the condition of a do loop: it traps.
    for (bool stopped = false; !stopped;) {
        co_await round();
        stopped = co_await stopped_.wait(interval);
    }
}

void Reconciler::stop()
{
    stopped_.set();
}

boost::asio::awaitable<void> Reconciler::round()
{
    try {
        // Reaping first: what the other two mark as failed can be seen until the next round.
        co_await reap_due();
        co_await fail_stranded();
        for (auto* provider : context_.providers.all()) {
            co_await compare_inventory(*provider);
        }
    } catch (const StoreError& error) {
        log::warning("reconciler.store_failed").field("error", error.what());
    } catch (const std::exception& error) {
        // A defect must not end the rounds of a service that goes on.
        log::error("reconciler.defect").field("error", error.what());
    }
}

boost::asio::awaitable<void> Reconciler::fail_stranded()
{
    auto early = [](Session& sql) { return host_table::early(sql); };
    const auto ids = co_await context_.store.read(std::move(early));
    for (const auto& id : ids) {
        // A provision that has just ended wrote its outcome before it left the map: the update finds no early
        // row.
        if (hosts_.is_provisioning(id)) {
            continue;
        }
        auto fail = [id, now = context_.now()](Session& sql) {
            return fail_and_release(sql, id, "StoreError: the outcome of the provision could not be recorded",
                                    now);
        };
        const bool failed = co_await context_.store.write(std::move(fail));
        if (failed) {
            log::warning("reconciler.stranded").field("host_id", id.str());
        }
    }
}

boost::asio::awaitable<void> Reconciler::compare_inventory(Provider& provider)
{
    const std::string name{provider.name()};
    auto all = [](Session& sql) { return host_table::list(sql); };
    // The rows before and after the machines: a machine seen has had its row before it was made, and a row
    // seen active has had its machine before the inventory was taken.
    const auto before = co_await context_.store.read(all);
    std::vector<VmSummary> machines;
    try {
        machines = co_await provider.list();
    } catch (const ProviderError& error) {
        log::warning("reconciler.inventory_failed").field("provider", name).field("error", error.what());
        co_return;
    }
    const auto after = co_await context_.store.read(all);

    std::set<std::string> recorded;
    for (const auto& host : after) {
        if (host.provider == name) {
            recorded.insert(host.name);
            recorded.insert(host_name(host.id));
        }
    }
    std::set<std::string> running;
    for (const auto& machine : machines) {
        if (machine.running) {
            running.insert(machine.name);
        }
        if (recorded.contains(machine.name)) {
            continue;
        }
        log::warning("reconciler.orphan").field("provider", name).field("vm", machine.name);
        try {
            co_await provider.remove(machine.name);
        } catch (const ProviderError& error) {
            log::warning("reconciler.orphan_stays").field("vm", machine.name).field("error", error.what());
        }
    }
    const auto now = context_.now();
    for (const auto& host : before) {
        // One past its lease may have ended by itself: it is due, not lost.
        if (host.expires_at && *host.expires_at <= now) {
            continue;
        }
        if (host.provider != name || host.status != HostStatus::active || host.teardown_at ||
            running.contains(host.name)) {
            continue;
        }
        auto lose = [id = host.id, now](Session& sql) { return lose_and_release(sql, id, now); };
        const bool lost = co_await context_.store.write(std::move(lose));
        if (lost) {
            log::warning("reconciler.vm_gone").field("host_id", host.id.str()).field("provider", name);
        }
    }
}

boost::asio::awaitable<void> Reconciler::reap_due()
{
    auto due = [now = context_.now()](Session& sql) { return host_table::due(sql, now); };
    const auto ids = co_await context_.store.read(std::move(due));
    TaskGroup reaping{context_.executor};
    auto reap = [this](HostId id) -> boost::asio::awaitable<void> { co_await hosts_.reap(id); };
    for (std::size_t next = 0; next < ids.size(); next += reaping_width) {
        const auto end = std::min(ids.size(), next + reaping_width);
        for (auto i = next; i < end; ++i) {
            reaping.spawn("reap", reap(ids[i]));
        }
        co_await reaping.drain(std::chrono::hours{1});
    }
}

} // namespace drukbox::service
