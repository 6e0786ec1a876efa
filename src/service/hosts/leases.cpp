#include "service/hosts/leases.hpp"

#include "service/hosts/errors.hpp"
#include "service/hosts/host_failure.hpp"
#include "service/records/host_state.hpp"
#include "service/runtime/log.hpp"
#include "service/store/host_table.hpp"

namespace drukbox::service {
namespace {

void refuse_to_renew(const Host& host)
{
    if (host_state::pool_member(host)) {
        throw HostStateConflict("unclaimed pool host is managed by pool maintenance");
    }
    if (host_state::in_teardown(host)) {
        throw HostStateConflict("cannot renew a host that is being deleted");
    }
    if (!host_state::has_machine(host)) {
        throw HostStateConflict("cannot renew a host in status " + std::string{to_string(host.status)});
    }
}

} // namespace

boost::asio::awaitable<DeadlineOutcome> tell_deadline(HostContext& context, const Host& host,
                                                      std::optional<Timestamp> deadline)
{
    auto* provider = context.providers.find(host.provider);
    if (provider == nullptr) {
        co_return DeadlineOutcome::told;
    }
    try {
        co_await provider->set_deadline(host.name, deadline);
    } catch (const VmNotFound&) {
        co_return DeadlineOutcome::gone;
    } catch (const ProviderError& error) {
        log::warning("host.deadline_update_failed")
            .field("host_id", host.id.str())
            .field("error", error.what());
        co_return DeadlineOutcome::failed;
    }
    co_return DeadlineOutcome::told;
}

/// A machine must never end before its row's lease does: it hears of a longer lease before the row, of a
/// shorter one after it.
boost::asio::awaitable<Host> Leases::renew(HostId id, std::optional<Timestamp> expires_at)
{
    const auto lock = co_await context_.leases.lock(id);
    const auto now = context_.now();
    const auto until = expires_at.value_or(now + context_.policy.lease_default_ttl);

    const auto before = co_await context_.access.find(id);
    if (!before) {
        throw HostNotFound();
    }
    refuse_to_renew(*before);
    const bool longer = before->expires_at && until > *before->expires_at;
    if (longer) {
        const auto outcome = co_await tell_deadline(context_, *before, until);
        if (outcome == DeadlineOutcome::gone) {
            throw HostStateConflict("cannot renew a host whose machine is gone");
        }
        if (outcome == DeadlineOutcome::failed) {
            throw RenewalFailed();
        }
    }
    failpoint("before", "renew");
    const auto [renewed, after] = co_await context_.access.renew(host_table::Renewal{id, until, now});
    failpoint("after", "renew");
    if (!after) {
        throw HostNotFound();
    }
    if (!renewed) {
        refuse_to_renew(*after);
    }
    if (!longer) {
        // Whatever becomes of it: the row is what counts, and the reconciler ends the machine when the lease
        // does.
        static_cast<void>(co_await tell_deadline(context_, *before, until));
    }
    log::info("host.renewed").field("host_id", id.str()).field("expires_at", wire::format_timestamp(until));
    co_return *after;
}

boost::asio::awaitable<std::optional<Host>> Leases::claim(Host host)
{
    const auto now = context_.now();
    const auto expiry = host.lease.stamp(now, context_.policy.lease_default_ttl);
    const auto outcome = co_await tell_deadline(context_, host, expiry);
    const bool gone = outcome == DeadlineOutcome::gone;
    auto record = [id = host.id, expiry, now, gone](Session& sql) -> std::optional<Host> {
        if (gone) {
            static_cast<void>(lose_and_release(sql, id, {}, machine_gone, now));
            return std::nullopt;
        }
        if (!host_table::claim(sql, id, expiry, now)) {
            return std::nullopt;
        }
        return host_table::find(sql, id);
    };
    co_return co_await context_.record("claim", std::move(record));
}

} // namespace drukbox::service
