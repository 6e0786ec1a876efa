#include "service/hosts/abandoned_hosts.hpp"

#include "service/hosts/host_failure.hpp"
#include "service/hosts/leases.hpp"
#include "service/records/host_state.hpp"
#include "service/runtime/log.hpp"
#include "service/store/host_ownership.hpp"
#include "service/store/host_table.hpp"

#include <utility>
#include <vector>

namespace drukbox::service {

/// What a row turned out to need.
struct AbandonedHosts::Settled
{
    std::string reason;          ///< Empty: nothing.
    std::optional<Host> claimed; ///< A claim on its way.
};

void AbandonedHosts::recover()
{
    auto work = [this, now = context_.now()](Session& sql) {
        std::vector<HostId> failed;
        for (const auto& [id, owner] : host_ownership::owned(sql)) {
            if (context_.replica.is_shared() && owner != context_.replica.id()) {
                continue;
            }
            if (fail_and_release(sql, id,
                                 "ServiceStopped: the service stopped while the host was being provisioned",
                                 now)) {
                failed.push_back(id);
            }
            // A claim that was not finished waits for the first round: its machine has to hear of it.
            const auto host = host_table::find(sql, id);
            if (host && !host_state::live(*host)) {
                host_ownership::release(sql, id, owner);
            }
        }
        return failed;
    };
    for (const auto& id : context_.store.write_now(work)) {
        log::warning("recovery.provision_interrupted").field("host_id", id.str());
    }
}

boost::asio::awaitable<bool> AbandonedHosts::round()
{
    const auto& self = context_.replica.id();
    // The rows first: a replica is recorded as alive before it owns any.
    auto read = [](Session& sql) { return host_ownership::owned(sql); };
    const auto owned = co_await context_.store.read(std::move(read));
    if (owned.empty()) {
        co_return false;
    }
    const auto alive = co_await context_.replica.alive();
    bool found = false;
    for (const auto& [id, owner] : owned) {
        bool settled = false;
        if (owner == self || owner.empty()) {
            // A claim that has just been recorded does not know its host yet.
            if (context_.claiming == 0 && !context_.busy.contains(id)) {
                settled = co_await settle(id, owner,
                                          "StoreError: the outcome of the provision could not be recorded");
            }
        } else if (context_.replica.leads() && alive && !alive->contains(owner)) {
            // Also when a teardown here waits for the dead one to let go of the host.
            settled = co_await settle(id, owner,
                                      "ReplicaDied: the service ended while the host was being provisioned");
        }
        found = found || settled;
    }
    co_return found;
}

boost::asio::awaitable<bool> AbandonedHosts::settle(HostId id, std::string owner, std::string reason)
{
    auto end = [id, owner, reason, now = context_.now()](Session& sql) {
        Settled result;
        const auto host = host_table::find(sql, id);
        if (!host || host->owner != owner) {
            return result;
        }
        if (fail_and_release(sql, id, reason, now)) {
            result.reason = reason;
        } else if (host_state::live(*host)) {
            result.claimed = host;
            return result;
        } else if (!owner.empty()) {
            result.reason = "its teardown was not finished";
        }
        host_ownership::release(sql, id, owner);
        return result;
    };
    auto settled = co_await context_.record("take_over", std::move(end));
    if (settled.claimed) {
        const bool finished = co_await finish_claim(*settled.claimed);
        if (finished) {
            settled.reason = "the claim of a warm host was not finished";
        }
    }
    if (!settled.reason.empty()) {
        context_.metrics.reconciler_decision("taken_over");
        log::warning("reconciler.taken_over")
            .field("host_id", id.str())
            .field("owner", owner)
            .field("reason", settled.reason);
    }
    co_return !settled.reason.empty();
}

/// The machine hears the caller's deadline. A key that was to be replaced stays pending until the caller
/// comes back.
boost::asio::awaitable<bool> AbandonedHosts::finish_claim(Host claimed)
{
    const auto outcome = co_await tell_deadline(context_, claimed, claimed.expires_at);
    if (outcome == DeadlineOutcome::failed) {
        co_return false;
    }
    const bool gone = outcome == DeadlineOutcome::gone;
    auto finish = [id = claimed.id, owner = claimed.owner, gone, now = context_.now()](Session& sql) {
        if (gone) {
            static_cast<void>(lose_and_release(sql, id, owner, machine_gone, now));
        }
        host_ownership::release(sql, id, owner);
    };
    co_await context_.record("finish_takeover", std::move(finish));
    co_return true;
}

} // namespace drukbox::service
