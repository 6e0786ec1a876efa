#include "service/hosts/host_service.hpp"

#include "service/hosts/end_in_error.hpp"
#include "service/hosts/errors.hpp"
#include "service/runtime/log.hpp"
#include "service/ssh/key_pair.hpp"
#include "service/store/host_table.hpp"
#include "service/store/idempotency_table.hpp"

#include <utility>

namespace drukbox::service {
namespace {

std::string join_names(const std::vector<std::string>& names)
{
    std::string result;
    for (const auto& name : names) {
        result += (result.empty() ? "" : ", ") + name;
    }
    return result;
}

Provider& choose_provider(const HostContext& context, const CreateHost& command)
{
    const auto& name = command.provider ? *command.provider : context.default_provider;
    if (auto* provider = context.providers.find(name)) {
        return *provider;
    }
    if (!command.provider) {
        throw UnknownProvider("unknown VM provider: " + name);
    }
    throw UnknownProvider("unknown provider '" + name +
                          "'; available: " + join_names(context.providers.names()));
}

void check_sizing(const Provider& provider, const CreateHost& command)
{
    const auto can = provider.capabilities();
    const auto refuse = [&](std::string_view what) {
        throw SizingUnsupported("provider '" + std::string{provider.name()} +
                                "' does not support a per-request " + std::string{what});
    };
    if (command.instance_type && !can.instance_type) {
        refuse("instance_type");
    }
    if (command.disk_gb && !can.disk_gb) {
        refuse("disk_gb");
    }
}

} // namespace

/// One teardown in flight; who asks for the same host meanwhile waits for it.
class HostService::Teardown
{
public:
    explicit Teardown(const boost::asio::any_io_executor& executor)
        : ended(executor)
    {
    }

    enum class Outcome
    {
        refused, ///< Nothing was begun: there is no such host, or it may not be torn down.
        failed,
        done,
    };

    Signal ended;
    Outcome outcome = Outcome::refused;
};

/// A new host before it has a row: the record, the machine to be and the caller's key, sealed before the
/// provider hears anything.
class HostService::Reservation
{
public:
    Reservation() = default;

    Host host;
    VmSpec spec;
    std::optional<Redacted> private_key;

    static Reservation prepare(const HostContext& context, const Provider& provider,
                               const CreateHost& command)
    {
        Reservation result;
        const auto now = context.now();
        auto& host = result.host;
        host.id = HostId::v7(now);
        host.name = host_name(host.id);
        host.provider = provider.name();
        host.image = command.image.value_or(provider.default_image());
        host.instance_type = command.instance_type;
        host.disk_gb = command.disk_gb;
        host.created_at = now;
        host.updated_at = now;
        host.lease = command.lease;
        host.expires_at = command.lease.provisional(now, context.policy.provisioning_grace);

        auto& spec = result.spec;
        spec.name = host.name;
        spec.image = host.image;
        spec.instance_type = host.instance_type;
        spec.disk_gb = host.disk_gb;
        spec.env = command.env;
        spec.deadline = host.expires_at;
        auto host_key = ssh::KeyPair::generate();
        spec.host_key = std::move(host_key.private_key);
        spec.host_public_key = std::move(host_key.public_key);
        if (provider.capabilities().mints_key) {
            auto key = ssh::KeyPair::generate();
            spec.authorized_key = std::move(key.public_key);
            host.sealed_private_key = context.sealer.seal(key.private_key, host.id.str());
            result.private_key = std::move(key.private_key);
        }
        return result;
    }
};

HostService::HostService(HostContext& context)
    : context_(context)
{
}

HostService::~HostService() = default;

boost::asio::awaitable<CreatedHost> HostService::create(CreateHost command)
{
    auto& provider = choose_provider(context_, command);
    // A key whose host vanishes between two looks at it is free again; twice in a row is somebody's doing.
    for (int attempt = 0; attempt < 3; ++attempt) {
        auto reservation = Reservation::prepare(context_, provider, command);
        const auto id = reservation.host.id;
        auto reserve = [host = reservation.host, key = command.idempotency_key, &provider, &command,
                        ttl = context_.policy.idempotency_key_ttl](Session& sql) -> std::optional<HostId> {
            if (key) {
                if (auto bound = idempotency_table::find(sql, *key, host.created_at)) {
                    return bound;
                }
            }
            check_sizing(provider, command);
            host_table::insert(sql, host);
            if (key) {
                idempotency_table::reserve(sql, *key, host.id, host.created_at + ttl, host.created_at);
            }
            return std::nullopt;
        };
        // Known before its row is: whoever finds the row finds the provision.
        auto running =
            std::make_shared<Provision>(context_, provider, std::move(reservation.host),
                                        std::move(reservation.spec), std::move(reservation.private_key));
        provisions_.emplace(id, running);
        std::optional<HostId> bound;
        std::exception_ptr failure;
        try {
            bound = co_await context_.store.write(std::move(reserve));
        } catch (const StoreError&) {
            failure = std::make_exception_ptr(ProvisioningInterrupted{});
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            provisions_.erase(id);
            running->abandon(failure);
            std::rethrow_exception(failure);
        }
        if (!bound) {
            context_.tasks.spawn("provision", provision(running, id));
            co_return co_await running->join(std::move(command.caller_gone));
        }
        provisions_.erase(id);
        auto replayed = co_await replay(*bound, command);
        if (replayed) {
            co_return std::move(*replayed);
        }
    }
    throw ProvisioningInterrupted();
}

/// The host that a key stands for, or nothing when it is gone by now.
boost::asio::awaitable<std::optional<CreatedHost>> HostService::replay(HostId id, const CreateHost& command)
{
    if (const auto running = provisions_.find(id); running != provisions_.end()) {
        const auto joined = running->second;
        auto created = co_await joined->join(command.caller_gone);
        // Who joins when the lease has just been stamped may find it stamped for nobody.
        if (!created.host.unclaimed) {
            co_return created;
        }
    }
    const auto lock = co_await context_.leases.lock(id);
    auto find = [id](Session& sql) { return host_table::find(sql, id); };
    auto host = co_await context_.store.read(find);
    if (!host || host->teardown_at || host->status != HostStatus::active) {
        co_return std::nullopt;
    }
    if (host->unclaimed) {
        host = co_await claim(std::move(*host));
        if (!host) {
            co_return std::nullopt;
        }
    }
    CreatedHost result{*host, std::nullopt};
    if (!host->sealed_private_key.empty() && host->activated_at &&
        context_.now() < *host->activated_at + context_.policy.private_key_replay) {
        try {
            result.private_key = context_.sealer.unseal(host->sealed_private_key, host->id.str());
        } catch (const UnsealError& error) {
            log::error("host.key_not_unsealed").field("host_id", id.str()).field("error", error.what());
        }
    }
    co_return result;
}

/// Stamps the lease that was asked for on a host that nobody had claimed; nothing when it is gone by now. The
/// caller holds the host's lease lock.
boost::asio::awaitable<std::optional<Host>> HostService::claim(Host host)
{
    const auto id = host.id;
    const auto now = context_.now();
    const auto expiry = host.lease.stamp(now, context_.policy.lease_default_ttl);
    bool gone = false;
    if (auto* provider = context_.providers.find(host.provider)) {
        try {
            co_await provider->set_deadline(host.name, expiry);
        } catch (const VmNotFound&) {
            gone = true;
        } catch (const ProviderError& error) {
            log::warning("host.deadline_not_moved").field("host_id", id.str()).field("error", error.what());
        }
    }
    auto record = [id, expiry, now, gone](Session& sql) -> std::optional<Host> {
        if (gone) {
            static_cast<void>(lose_and_release(sql, id, now));
            return std::nullopt;
        }
        if (!host_table::claim(sql, id, expiry, now)) {
            return std::nullopt;
        }
        return host_table::find(sql, id);
    };
    co_return co_await context_.store.write(std::move(record));
}

boost::asio::awaitable<void> HostService::provision(std::shared_ptr<Provision> provision, HostId id)
{
    co_await provision->run();
    provisions_.erase(id);
}

boost::asio::awaitable<Host> HostService::get(HostId id)
{
    auto host = co_await context_.access.find(id);
    if (!host) {
        throw HostNotFound();
    }
    co_return std::move(*host);
}

boost::asio::awaitable<std::vector<Host>> HostService::list()
{
    auto all = [](Session& sql) { return host_table::list(sql); };
    co_return co_await context_.store.read(std::move(all));
}

boost::asio::awaitable<Host> HostService::renew(HostId id, std::optional<Timestamp> expires_at)
{
    const auto lock = co_await context_.leases.lock(id);
    const auto now = context_.now();
    const auto until = expires_at.value_or(now + context_.policy.lease_default_ttl);

    const auto before = co_await get(id);
    const auto refuse = [](const Host& host) {
        if (host.teardown_at) {
            throw HostStateConflict("cannot renew a host that is being deleted");
        }
        if (host.status != HostStatus::bootstrapping && host.status != HostStatus::active) {
            throw HostStateConflict("cannot renew a host in status " + std::string{to_string(host.status)});
        }
    };
    refuse(before);
    auto* provider = context_.providers.find(before.provider);
    const bool longer = before.expires_at && until > *before.expires_at;
    // A machine must never end before its row's lease does: it hears of a longer lease before the row, of a
    // shorter one after it.
    if (provider != nullptr && longer) {
        try {
            co_await provider->set_deadline(before.name, until);
        } catch (const VmNotFound&) {
            throw HostStateConflict("cannot renew a host whose machine is gone");
        } catch (const ProviderError& error) {
            log::warning("host.deadline_not_moved").field("host_id", id.str()).field("error", error.what());
            throw RenewalFailed();
        }
    }
    const auto [renewed, after] = co_await context_.access.renew(host_table::Renewal{id, until, now});
    if (!after) {
        throw HostNotFound();
    }
    if (!renewed) {
        refuse(*after);
    }
    if (provider != nullptr && !longer) {
        try {
            co_await provider->set_deadline(before.name, until);
        } catch (const ProviderError& error) {
            // The row is what counts: the reconciler ends the machine when the lease does.
            log::warning("host.deadline_not_moved").field("host_id", id.str()).field("error", error.what());
        }
    }
    log::info("host.renewed").field("host_id", id.str()).field("expires_at", wire::format_timestamp(until));
    co_return *after;
}

boost::asio::awaitable<void> HostService::remove(HostId id)
{
    for (auto running = teardowns_.find(id); running != teardowns_.end(); running = teardowns_.find(id)) {
        const auto other = running->second;
        co_await other->ended.wait();
        if (other->outcome == Teardown::Outcome::failed) {
            throw TeardownFailed();
        }
        if (other->outcome == Teardown::Outcome::done) {
            throw HostNotFound();
        }
    }
    const auto teardown = std::make_shared<Teardown>(context_.executor);
    teardowns_.emplace(id, teardown);
    std::optional<Host> host;
    std::exception_ptr failure;
    try {
        auto begin = [id, now = context_.now()](Session& sql) {
            auto found = host_table::find(sql, id);
            if (!found) {
                throw HostNotFound();
            }
            if (!found->teardown_at && is_early(found->status) &&
                found->status != HostStatus::bootstrapping) {
                throw HostStateConflict("host is still provisioning");
            }
            idempotency_table::release(sql, id);
            static_cast<void>(host_table::begin_teardown(sql, id, false, now));
            return found;
        };
        host = co_await context_.store.write(std::move(begin));
    } catch (const StoreError&) {
        failure = std::make_exception_ptr(TeardownFailed{});
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        teardowns_.erase(id);
        teardown->ended.set();
        std::rethrow_exception(failure);
    }
    // A task of the service: once begun it does not depend on the caller.
    context_.tasks.spawn("teardown", tear_down(teardown, std::move(*host)));
    co_await teardown->ended.wait();
    if (teardown->outcome != Teardown::Outcome::done) {
        throw TeardownFailed();
    }
}

boost::asio::awaitable<bool> HostService::reap(HostId id)
{
    if (teardowns_.contains(id) || provisions_.contains(id)) {
        co_return false;
    }
    const auto teardown = std::make_shared<Teardown>(context_.executor);
    teardowns_.emplace(id, teardown);
    std::optional<Host> host;
    std::exception_ptr failure;
    try {
        auto begin = [id, now = context_.now()](Session& sql) -> std::optional<Host> {
            if (!host_table::begin_teardown(sql, id, true, now)) {
                return std::nullopt;
            }
            idempotency_table::release(sql, id);
            return host_table::find(sql, id);
        };
        host = co_await context_.store.write(std::move(begin));
    } catch (...) {
        failure = std::current_exception();
    }
    if (!host) {
        teardowns_.erase(id);
        teardown->ended.set();
        if (failure) {
            std::rethrow_exception(failure);
        }
        co_return false;
    }
    co_await tear_down(teardown, std::move(*host));
    co_return teardown->outcome == Teardown::Outcome::done;
}

boost::asio::awaitable<void> HostService::tear_down(std::shared_ptr<Teardown> teardown, Host host)
{
    try {
        co_await tear_down_steps(host);
        teardown->outcome = Teardown::Outcome::done;
        log::info("host.deleted").field("host_id", host.id.str()).field("provider", host.provider);
    } catch (const std::exception& error) {
        teardown->outcome = Teardown::Outcome::failed;
        // The row stays, and says that its teardown has begun: a retry or the reconciler goes on.
        log::warning("host.teardown_failed").field("host_id", host.id.str()).field("error", error.what());
    }
    teardowns_.erase(host.id);
    teardown->ended.set();
}

boost::asio::awaitable<void> HostService::tear_down_steps(const Host& host)
{
    if (host.vm_intent) {
        auto* provider = context_.providers.find(host.provider);
        if (provider == nullptr) {
            throw ProviderError("UnknownProvider", "no provider named " + host.provider);
        }
        co_await provider->remove(host.name);
    }
    auto erase = [id = host.id](Session& sql) { return host_table::erase(sql, id); };
    static_cast<void>(co_await context_.store.write(std::move(erase)));
}

void HostService::recover()
{
    auto work = [now = context_.now()](Session& sql) {
        const auto stranded = host_table::fail_all_early(
            sql, "ServiceStopped: the service stopped while the host was being provisioned", now);
        idempotency_table::release_dead(sql, now);
        return stranded;
    };
    if (const auto stranded = context_.store.write_now(work); stranded > 0) {
        log::warning("recovery.stranded").field("hosts", stranded);
    }
}

bool HostService::is_provisioning(const HostId& id) const
{
    return provisions_.contains(id);
}

} // namespace drukbox::service
