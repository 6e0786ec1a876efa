#include "service/hosts/provision.hpp"

#include "service/hosts/errors.hpp"
#include "service/hosts/host_failure.hpp"
#include "service/hosts/leases.hpp"
#include "service/hosts/release_device.hpp"
#include "service/records/host_state.hpp"
#include "service/runtime/log.hpp"
#include "service/store/host_ownership.hpp"
#include "service/store/host_table.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace drukbox::service {
namespace {

/// The row was taken away from a provision that was under way.
class HostTakenAway : public ProviderError
{
public:
    HostTakenAway()
        : ProviderError("HostDeleted", "the host was deleted while it was being provisioned")
    {
    }
};

/// `{ErrorType}: {message}` for a caller, from whatever ended a provision.
std::string describe(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const ProviderError& error) {
        return error.kind() + ": " + error.what();
    } catch (const std::exception& error) {
        // Not one of the failures a provider tells of: its text is for the log, not for a caller.
        log::error("provision.internal_error").field("error", error.what());
        return "InternalError: the service failed while it provisioned the host";
    }
}

bool is_store_error(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const StoreError&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace

Provision::Provision(HostContext& context, Provider& provider, Host host, VmSpec spec,
                     std::optional<Redacted> private_key)
    : context_(context)
    , busy_mark_(context.busy.mark(host.id))
    , provider_(provider)
    , host_(std::move(host))
    , spec_(std::move(spec))
    , private_key_(std::move(private_key))
    , stop_heartbeat_(context.executor)
    , done_(context.executor)
    , ended_(context.executor)
{
}

boost::asio::awaitable<void> Provision::run()
{
    const auto self = shared_from_this();
    const auto begun = std::chrono::steady_clock::now();
    context_.tasks.spawn("provision.heartbeat", keep_alive());
    try {
        co_await make();
    } catch (...) {
        failure_ = std::current_exception();
    }
    stop_heartbeat_.set();
    if (!failure_) {
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
        context_.metrics.provision(host_.provider, "active", std::chrono::steady_clock::now() - begun);
        log::info("host.active")
            .field("host_id", host_.id.str())
            .field("provider", host_.provider)
            .field("ms", took.count());
        done_.set();
    } else {
        context_.metrics.provision(host_.provider, "failed", std::chrono::steady_clock::now() - begun);
        co_await undo(failure_);
    }
    busy_mark_.reset();
    ended_.set();
}

boost::asio::awaitable<CreatedHost> Provision::join(CallerGone gone)
{
    const auto self = shared_from_this();
    callers_.push_back(std::move(gone));
    co_await done_.wait();
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    co_return CreatedHost{host_, private_key_};
}

void Provision::abandon(std::exception_ptr failure)
{
    failure_ = std::move(failure);
    done_.set();
    ended_.set();
}

void Provision::cancel()
{
    cancelled_ = true;
    cancellation_.emit(boost::asio::cancellation_type::terminal);
}

boost::asio::awaitable<void> Provision::ended()
{
    const auto self = shared_from_this();
    co_await ended_.wait();
}

/// A call of the provider that cancel() may end early; whether it had an effect is then not known.
template <class T>
boost::asio::awaitable<T> Provision::interruptible(boost::asio::awaitable<T> work)
{
    if (cancelled_) {
        throw HostTakenAway();
    }
    auto token = boost::asio::bind_cancellation_slot(cancellation_.slot(), boost::asio::use_awaitable);
    try {
        co_return co_await boost::asio::co_spawn(context_.executor, std::move(work), token);
    } catch (...) {
        if (cancelled_) {
            throw HostTakenAway();
        }
        throw;
    }
}

boost::asio::awaitable<void> Provision::make()
{
    const auto id = host_.id;
    if (context_.network != nullptr) {
        co_await admit_to_network();
    }
    auto begin_vm = [id, now = context_.now()](Session& sql) { return host_table::begin_vm(sql, id, now); };
    const bool vm_begun = co_await context_.record("begin_vm", std::move(begin_vm));
    if (!vm_begun) {
        throw HostTakenAway();
    }
    auto creating = provider_.create(spec_);
    const Vm vm = co_await interruptible(std::move(creating));

    host_.name = vm.name;
    host_.status = HostStatus::bootstrapping;
    host_.external_ssh_host = vm.ssh_host;
    host_.external_ssh_port = vm.ssh_port;
    host_.ssh_username = vm.ssh_username;
    host_.known_hosts = vm.known_hosts;
    if (context_.network != nullptr) {
        host_.internal_ssh_host = context_.network->address(spec_.name);
    }
    auto begin_bootstrap = [host = host_, now = context_.now()](Session& sql) {
        return host_table::begin_bootstrap(sql, host, now);
    };
    const bool bootstrap_begun = co_await context_.record("begin_bootstrap", std::move(begin_bootstrap));
    if (!bootstrap_begun) {
        throw HostTakenAway();
    }
    auto reaching = provider_.wait_until_reachable(vm);
    co_await interruptible(std::move(reaching));
    if (context_.network != nullptr) {
        co_await join_network(vm);
    }
    co_await activate(vm);
}

/// The machine will be given what it needs to join. Throws for a provider that cannot give it.
boost::asio::awaitable<void> Provision::admit_to_network()
{
    if (!provider_.capabilities().setup_script) {
        throw ProviderError(std::string{provider_.name()} + " does not support Tailscale");
    }
    auto begin_network = [id = host_.id, now = context_.now()](Session& sql) {
        return host_table::begin_network(sql, id, now);
    };
    const bool begun = co_await context_.record("begin_network", std::move(begin_network));
    if (!begun) {
        throw HostTakenAway();
    }
    auto& network = *context_.network;
    auto admitting = network.admit(spec_.name);
    Admission admission = co_await interruptible(std::move(admitting));
    admission_id_ = std::move(admission.id);
    spec_.setup_script = std::move(admission.script);
}

/// Waits for the machine on the network: its id there is written as soon as it is known, and SSH has answered
/// on the inner path before the host is active.
boost::asio::awaitable<void> Provision::join_network(const Vm& vm)
{
    auto& network = *context_.network;
    auto discovering = network.wait_for_device(spec_.name);
    host_.tailscale_device_id = co_await interruptible(std::move(discovering));
    auto record_device = [id = host_.id, device = *host_.tailscale_device_id, now = context_.now()](
                             Session& sql) { return host_table::record_device(sql, id, device, now); };
    const bool device_recorded = co_await context_.record("record_device", std::move(record_device));
    if (!device_recorded) {
        throw HostTakenAway();
    }
    auto reaching = network.wait_until_reachable(spec_.name, vm.host_key);
    host_.known_hosts += co_await interruptible(std::move(reaching));
    auto record_known_hosts = [id = host_.id, lines = host_.known_hosts, now = context_.now()](Session& sql) {
        return host_table::record_known_hosts(sql, id, lines, now);
    };
    const bool known = co_await context_.record("record_known_hosts", std::move(record_known_hosts));
    if (!known) {
        throw HostTakenAway();
    }
}

boost::asio::awaitable<void> Provision::activate(const Vm& vm)
{
    stop_heartbeat_.set();
    const auto lock = co_await context_.leases.lock(host_.id);
    auto find = [id = host_.id](Session& sql) { return host_table::find(sql, id); };
    const auto present = co_await context_.store.read(std::move(find));
    if (!present || !host_state::may_activate(*present)) {
        throw HostTakenAway();
    }
    const auto now = context_.now();
    const bool renewed = host_state::lease_is_renewed(*present);
    const bool unclaimed = !renewed && !host_.pooled && !is_claimed();
    auto expiry = renewed ? present->expires_at : host_.lease.stamp(now, context_.policy.lease_default_ttl);
    if (unclaimed) {
        const auto short_expiry = now + context_.policy.unclaimed_lease;
        expiry = expiry ? std::min(*expiry, short_expiry) : short_expiry;
    }
    auto record = [id = host_.id, expiry, unclaimed, now](Session& sql) -> std::optional<Host> {
        if (!host_table::activate(sql, id, expiry, unclaimed, now)) {
            return std::nullopt;
        }
        return host_table::find(sql, id);
    };
    // The provider hears of the lease first: should the record of it be lost, the row is still an early one
    // with its safety lease, and whoever finds it tears it down.
    co_await provider_.set_deadline(vm.name, machine_deadline(expiry));
    const auto recorded = co_await context_.record("activate", std::move(record));
    if (!recorded) {
        throw HostTakenAway();
    }
    host_ = *recorded;
}

/// When the machine may end by itself. One of the pool outlives its lease, so that a claim at the last moment
/// finds it alive.
std::optional<Timestamp> Provision::machine_deadline(std::optional<Timestamp> expiry) const
{
    return expiry && host_.pooled ? *expiry + context_.policy.provisioning_grace : expiry;
}

boost::asio::awaitable<void> Provision::keep_alive()
{
    const auto self = shared_from_this();
    const auto grace = context_.policy.provisioning_grace;
    const auto pause = std::chrono::duration_cast<std::chrono::steady_clock::duration>(grace) / 3;
    for (;;) {
        const bool stopped = co_await stop_heartbeat_.wait(pause);
        if (stopped) {
            break;
        }
        const auto lock = co_await context_.leases.lock(host_.id);
        if (stop_heartbeat_.is_set()) {
            break;
        }
        const auto until = context_.now() + grace;
        try {
            auto extend = [id = host_.id, until](Session& sql) {
                return host_table::extend_grace(sql, id, until);
            };
            const bool extended = co_await context_.record("extend_grace", std::move(extend));
            if (extended) {
                // That there is no machine yet is no news.
                static_cast<void>(co_await tell_deadline(context_, host_, until));
            }
        } catch (const std::exception& error) {
            log::warning("provision.heartbeat_failed")
                .field("host_id", host_.id.str())
                .field("error", error.what());
        }
    }
}

boost::asio::awaitable<void> Provision::undo(std::exception_ptr failure)
{
    const auto id = host_.id;
    const bool interrupted = is_store_error(failure);
    const auto last_error =
        interrupted ? std::string{"StoreError: the database failed while the host was provisioned"}
                    : describe(failure);
    const auto tell = [&] {
        log::warning("host.failed")
            .field("host_id", id.str())
            .field("provider", host_.provider)
            .field("error", last_error);
    };

    struct Ended
    {
        Ended() = default;

        bool was_there = false;
        std::optional<Host> active;
    };

    try {
        auto fail = [id, last_error, now = context_.now()](Session& sql) {
            Ended ended;
            ended.was_there = fail_and_release(sql, id, last_error, now);
            if (auto row = host_table::find(sql, id); row && host_state::settled(*row)) {
                ended.active = std::move(row);
            }
            return ended;
        };
        const auto [was_there, active] = co_await context_.record("fail", std::move(fail));
        if (active) {
            // Only the answer to its last step was lost: the host is there, and its callers get it.
            host_ = *active;
            failure_ = nullptr;
            done_.set();
            co_return;
        }
        tell();
        if (interrupted) {
            failure_ = std::make_exception_ptr(ProvisioningInterrupted{});
        } else {
            // Whatever step a teardown made fail, the teardown is why.
            failure_ = std::make_exception_ptr(ProvisioningFailed{
                was_there ? last_error : describe(std::make_exception_ptr(HostTakenAway{}))});
        }
    } catch (const StoreError&) {
        // The row stays in an early state without a provision: the reconciler takes it for stranded.
        tell();
        log::error("host.failure_not_recorded").field("host_id", id.str());
        failure_ = std::make_exception_ptr(ProvisioningInterrupted{});
    }
    done_.set();
    co_await withdraw_admission();
    co_await remove_machine();
}

/// What the machine has not joined by lets nobody else join, nor itself at the last moment.
boost::asio::awaitable<void> Provision::withdraw_admission()
{
    if (admission_id_.empty() || host_.tailscale_device_id) {
        co_return;
    }
    auto& network = *context_.network;
    try {
        co_await network.withdraw(admission_id_);
    } catch (const std::exception& error) {
        log::warning("host.admission_revoke_failed")
            .field("host_id", host_.id.str())
            .field("error", error.what());
    }
}

/// What may have been made goes at once, and the row to whoever tears it down.
boost::asio::awaitable<void> Provision::remove_machine()
{
    const auto id = host_.id;
    bool gone = false;
    try {
        co_await release_device(context_, host_);
        co_await provider_.remove(spec_.name);
        gone = true;
    } catch (const std::exception& error) {
        log::warning("host.rollback_failed").field("host_id", id.str()).field("error", error.what());
    }
    try {
        auto hand_over = [id, replica = context_.replica.id(), gone](Session& sql) {
            host_ownership::hand_over(sql, id, replica, gone);
        };
        co_await context_.record("hand_over", std::move(hand_over));
    } catch (const StoreError& error) {
        // The row stays this replica's without anybody who works on it: its next round lets go of it.
        log::warning("host.handover_failed").field("host_id", id.str()).field("error", error.what());
    }
}

bool Provision::is_claimed() const
{
    return std::ranges::any_of(callers_, [](const CallerGone& gone) { return !gone || !gone(); });
}

} // namespace drukbox::service
