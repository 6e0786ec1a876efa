#include "service/hosts/inventory.hpp"

#include "service/hosts/host_failure.hpp"
#include "service/runtime/log.hpp"
#include "service/store/ended_host_table.hpp"

namespace drukbox::service {

boost::asio::awaitable<void> Inventory::compare(Provider& provider)
{
    const std::string name{provider.name()};
    const auto began = context_.now();
    auto recorded_hosts = [name](Session& sql) { return host_table::recorded(sql, name); };
    // The rows before and after the machines: a machine seen has had its row before it was made, and a row
    // seen active has had its machine before the inventory was taken.
    const auto before = co_await context_.store.read(recorded_hosts);
    std::vector<VmSummary> machines;
    try {
        machines = co_await provider.list();
    } catch (const ProviderError& error) {
        log::warning("reconciler.inventory_failed").field("provider", name).field("error", error.what());
        co_return;
    }
    const auto after = co_await context_.store.read(recorded_hosts);

    std::set<std::string> recorded;
    for (const auto& host : after) {
        recorded.insert(host.name);
        recorded.insert(host_name(host.id));
    }
    std::set<std::string> running;
    for (const auto& machine : machines) {
        if (machine.running) {
            running.insert(machine.name);
        }
    }
    co_await remove_orphans(provider, machines, recorded);
    co_await mark_lost(provider, before, running, began);
}

boost::asio::awaitable<void> Inventory::remove_orphans(Provider& provider,
                                                       const std::vector<VmSummary>& machines,
                                                       const std::set<std::string>& recorded)
{
    const std::string name{provider.name()};
    std::set<std::pair<std::string, std::string>> unknown;
    for (const auto& machine : machines) {
        if (recorded.contains(machine.name)) {
            continue;
        }
        unknown.emplace(name, machine.name);
        const auto reason = co_await reason_to_remove(provider, machine);
        if (reason.empty()) {
            continue;
        }
        context_.metrics.reconciler_decision("orphan_removed");
        log::warning("reconciler.orphan")
            .field("provider", name)
            .field("vm", machine.name)
            .field("reason", reason);
        try {
            co_await provider.remove(machine.name);
        } catch (const ProviderError& error) {
            log::warning("reconciler.orphan_removal_failed")
                .field("vm", machine.name)
                .field("error", error.what());
        }
    }
    std::erase_if(unknown_since_, [&](const auto& seen) {
        return seen.first.first == name && !unknown.contains(seen.first);
    });
}

/// Empty: the machine is spared, for now or, as a neighbour's, for ever.
boost::asio::awaitable<std::string> Inventory::reason_to_remove(const Provider& provider,
                                                                const VmSummary& machine)
{
    const std::string name{provider.name()};
    const std::string vm = machine.name;
    if (provider.capabilities().exclusive_inventory) {
        co_return "no row has it, and nobody else makes machines there";
    }
    auto ask = [name, vm](Session& sql) { return ended_host_table::owned(sql, name, vm); };
    const bool was_ours = co_await context_.store.read(std::move(ask));
    if (was_ours) {
        co_return "its host has ended";
    }
    const auto now = context_.now();
    const auto [seen, first] = unknown_since_.try_emplace({name, vm}, now);
    if (!machine.marked) {
        // Made before machines were marked, or by another program under the same label. No host of ours has
        // or had its name: it is somebody else's.
        if (first) {
            log::info("reconciler.unmanaged_vm").field("provider", name).field("vm", vm);
        }
        co_return "";
    }
    if (first) {
        log::info("reconciler.unknown_vm")
            .field("provider", name)
            .field("vm", vm)
            .field("spared_seconds", context_.policy.orphan_grace.count());
    }
    co_return now - seen->second >= context_.policy.orphan_grace
        ? "no row has had it for the whole grace period"
        : "";
}

boost::asio::awaitable<void> Inventory::mark_lost(const Provider& provider, const Rows& rows,
                                                  const std::set<std::string>& running, Timestamp began)
{
    const auto lag = provider.capabilities().inventory_lag;
    for (const auto& host : rows) {
        // One past its lease may have ended by itself: it is due, not lost.
        const bool due = host.expires_at && *host.expires_at <= context_.now();
        const bool young = !host.activated_at || *host.activated_at + lag > began;
        if (!host.settled || due || young || running.contains(host.name)) {
            continue;
        }
        auto lose = [id = host.id, now = context_.now()](Session& sql) {
            return lose_and_release(sql, id, {}, machine_gone, now);
        };
        const bool lost = co_await context_.record("lose", std::move(lose));
        if (lost) {
            context_.metrics.reconciler_decision("vm_gone");
            log::warning("reconciler.vm_gone")
                .field("host_id", host.id.str())
                .field("provider", provider.name())
                .field("reason", "its machine is not in the provider's inventory");
        }
    }
}

} // namespace drukbox::service
