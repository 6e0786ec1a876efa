#include "service/hosts/host_service.hpp"

#include "service/hosts/end_in_error.hpp"
#include "service/hosts/errors.hpp"
#include "service/hosts/fingerprint.hpp"
#include "service/runtime/log.hpp"
#include "service/store/ended_host_table.hpp"
#include "service/store/host_table.hpp"
#include "service/store/pool_table.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

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

void check_env(const Provider& provider, const CreateHost& command)
{
    if (!provider.capabilities().one_line_env) {
        return;
    }
    for (const auto& [name, value] : command.env) {
        if (value.reveal().find_first_of(std::string_view{"\n\r\0", 3}) != std::string::npos) {
            throw EnvUnsupported("provider '" + std::string{provider.name()} +
                                 "' cannot carry the newline or NUL in the value of the variable " + name);
        }
    }
}

/// What a host of this service cannot come with.
void check_extras(const Provider& provider, const CreateHost& command)
{
    if (!command.secrets.empty()) {
        throw SecretsProxyNotConfigured(std::string{provider.name()});
    }
    if (command.template_id && !command.image) {
        throw TemplateNotAvailable(command.template_id->str());
    }
}

/// Who asks for nothing in particular is as well served by a host that is there already.
bool takes_any(const CreateHost& command)
{
    return !command.image && !command.template_id && command.env.empty() && command.secrets.empty() &&
           !command.instance_type && !command.disk_gb;
}

/// Between two looks at a host that another replica is making.
constexpr std::chrono::milliseconds look_again{100};

} // namespace

/// The idempotency key of a create, with who uses it and what for; none where it has none.
class HostService::Keyed
{
public:
    Keyed() = default;

    Keyed(const HostContext& context, const Provider& provider, const CreateHost& command)
        : key_(command.idempotency_key)
        , account_(command.account)
        , ttl_(context.policy.idempotency_key_ttl)
    {
        if (key_) {
            use_ = fingerprint(context, provider, command);
        }
    }

    explicit operator bool() const noexcept { return key_.has_value(); }

    [[nodiscard]] std::optional<idempotency_table::Binding> find(Session& sql, Timestamp now) const
    {
        return key_ ? idempotency_table::find(sql, *key_, now) : std::nullopt;
    }

    void bind(Session& sql, const HostId& id, Timestamp now) const
    {
        if (key_) {
            const idempotency_table::Binding binding{id, account_, use_};
            idempotency_table::reserve(sql, *key_, binding, now + ttl_, now);
        }
    }

    /// Nobody learns anything of a host that was asked for in other words.
    void check(const idempotency_table::Binding& bound) const
    {
        if (!bound.use.allows(use_)) {
            throw IdempotencyKeyReused();
        }
    }

private:
    std::optional<std::string> key_;
    std::string account_;
    wire::KeyUse use_;
    std::chrono::seconds ttl_{};
};

/// What a create meets before it makes anything.
class HostService::Found
{
public:
    Found() = default;

    std::optional<idempotency_table::Binding> bound; ///< What the key stands for.
    std::optional<Host> claimed;                     ///< This one was taken from the pool.
};

HostService::HostService(HostContext& context, Teardowns& teardowns)
    : context_(context)
    , teardowns_(teardowns)
    , pool_claim_(context)
{
}

boost::asio::awaitable<CreatedHost> HostService::create(CreateHost command)
{
    auto& provider = choose_provider(context_, command);
    const Keyed keyed{context_, provider, command};
    // A key whose host vanishes between two looks at it is free again, and a warm host may turn out to be of
    // no use; many times in a row is somebody's doing.
    for (int attempt = 0; attempt < 8; ++attempt) {
        auto found = co_await look_up(provider, command, keyed);
        std::optional<CreatedHost> created;
        if (found.claimed) {
            created = co_await pool_claim_.finish(std::move(*found.claimed), command.caller_gone);
        } else {
            std::shared_ptr<Provision> started;
            if (!found.bound) {
                check_sizing(provider, command);
                check_env(provider, command);
                check_extras(provider, command);
                auto reservation = Reservation::prepare(context_, provider, command);
                found.bound = co_await start(provider, std::move(reservation), keyed, started);
            }
            if (started) {
                co_return co_await started->join(std::move(command.caller_gone));
            }
            if (found.bound) {
                keyed.check(*found.bound);
                created = co_await replay(found.bound->host, command);
            }
        }
        if (created) {
            co_return std::move(*created);
        }
    }
    throw ProvisioningInterrupted();
}

/// The host that the key stands for; else, for who asks for nothing in particular, one of the pool, which the
/// key stands for from then on.
boost::asio::awaitable<HostService::Found> HostService::look_up(const Provider& provider,
                                                                const CreateHost& command, const Keyed& keyed)
{
    Found result;
    if (!keyed && !takes_any(command)) {
        co_return result;
    }
    pool_table::Claim claim;
    claim.provider = provider.name();
    claim.replica = context_.replica.id();
    claim.lease = command.lease;
    claim.new_key = provider.capabilities().mints_key && provider.capabilities().replaces_key;
    const auto now = context_.now();
    claim.expires_at = command.lease.stamp(now, context_.policy.lease_default_ttl);
    auto work = [&command, &keyed, claim, now](Session& sql) {
        Found found;
        found.bound = keyed.find(sql, now);
        if (!found.bound && takes_any(command)) {
            found.claimed = pool_table::claim(sql, claim, now);
        }
        if (found.claimed) {
            keyed.bind(sql, found.claimed->id, now);
        }
        return found;
    };
    ++context_.claiming;
    std::exception_ptr failure;
    try {
        result = co_await context_.record("claim_from_pool", std::move(work));
    } catch (const StoreError&) {
        failure = std::make_exception_ptr(ProvisioningInterrupted{});
    }
    --context_.claiming;
    if (failure) {
        std::rethrow_exception(failure);
    }
    if (result.claimed) {
        context_.on_pool_claim();
    }
    co_return result;
}

/// Writes the row with its key and begins to make the host. Returns what the key stands for by now, if it
/// does; else `started` is the provision.
boost::asio::awaitable<std::optional<idempotency_table::Binding>>
HostService::start(Provider& provider, Reservation reservation, const Keyed& keyed,
                   std::shared_ptr<Provision>& started)
{
    const auto id = reservation.host.id;
    auto reserve = [host = reservation.host, &keyed](Session& sql) {
        auto bound = keyed.find(sql, host.created_at);
        if (!bound) {
            host_table::insert(sql, host);
            keyed.bind(sql, host.id, host.created_at);
        }
        return bound;
    };
    // Known before its row is: whoever finds the row finds the provision.
    auto running =
        std::make_shared<Provision>(context_, provider, std::move(reservation.host),
                                    std::move(reservation.spec), std::move(reservation.private_key));
    context_.provisions.emplace(id, running);
    std::optional<idempotency_table::Binding> bound;
    bool inserted = false;
    std::exception_ptr failure;
    try {
        bound = co_await context_.record("reserve", std::move(reserve));
        inserted = !bound;
    } catch (const StoreError&) {
        failure = std::make_exception_ptr(ProvisioningInterrupted{});
    } catch (...) {
        failure = std::current_exception();
    }
    if (inserted) {
        started = running;
        context_.tasks.spawn("provision", provision(running, id));
        co_return std::nullopt;
    }
    context_.provisions.erase(id);
    running->abandon(failure ? failure : std::make_exception_ptr(ProvisioningInterrupted{}));
    if (failure) {
        std::rethrow_exception(failure);
    }
    co_return bound;
}

boost::asio::awaitable<bool> HostService::create_for_pool(Provider& provider)
{
    CreateHost command;
    command.lease = LeaseIntent::until(context_.now() + context_.policy.pool_max_age);
    auto reservation = Reservation::prepare(context_, provider, command);
    reservation.host.pooled = true;
    try {
        const Keyed keyless;
        std::shared_ptr<Provision> started;
        co_await start(provider, std::move(reservation), keyless, started);
        co_await started->join(nullptr);
        co_return true;
    } catch (const HostError& error) {
        log::warning("pool.create_failed").field("provider", provider.name()).field("error", error.what());
    }
    co_return false;
}

/// The host that a key stands for, once it is usable; nothing when it is gone by now. A provision that is
/// under way, here or at another replica, is waited for, and its failure is this caller's answer too.
boost::asio::awaitable<std::optional<CreatedHost>> HostService::replay(HostId id, const CreateHost& command)
{
    if (const auto running = context_.provisions.find(id); running != context_.provisions.end()) {
        const auto joined = running->second;
        auto created = co_await joined->join(command.caller_gone);
        // Who joins when the lease has just been stamped may find it stamped for nobody.
        if (!created.host.unclaimed) {
            co_return created;
        }
    }
    boost::asio::steady_timer timer{context_.executor};
    for (;;) {
        auto look = [id](Session& sql) {
            auto host = host_table::find(sql, id);
            auto ending = host ? std::nullopt : ended_host_table::last_error(sql, id);
            return std::pair{std::move(host), std::move(ending)};
        };
        auto [host, ending] = co_await context_.store.read(std::move(look));
        if (!host && ending && !ending->empty()) {
            throw ProvisioningFailed(*ending);
        }
        if (!host || (host->teardown_at && host->activated_at)) {
            co_return std::nullopt;
        }
        if (host->status == HostStatus::error) {
            if (!host->activated_at) {
                throw ProvisioningFailed(host->last_error);
            }
            co_return std::nullopt;
        }
        if (host->status == HostStatus::active && host->owner.empty()) {
            co_return co_await hand_out(std::move(*host), command);
        }
        const bool nobody_works_on_it =
            host->owner.empty() || (host->owner == context_.replica.id() && !context_.in_hand.contains(id));
        if (nobody_works_on_it || (command.caller_gone && command.caller_gone())) {
            throw ProvisioningInterrupted();
        }
        timer.expires_after(look_again);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

/// An active host for a caller who has its key. Nothing when it is gone, or changing, by now.
boost::asio::awaitable<std::optional<CreatedHost>> HostService::hand_out(Host found,
                                                                         const CreateHost& command)
{
    if (found.key_pending) {
        co_return co_await pool_claim_.resume(std::move(found), command.caller_gone);
    }
    const auto id = found.id;
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
    const auto since = host->claimed_at ? host->claimed_at : host->activated_at;
    if (!host->sealed_private_key.empty() && since &&
        context_.now() < *since + context_.policy.private_key_replay) {
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
            co_await context_.call(*provider, "set_deadline", provider->set_deadline(host.name, expiry));
        } catch (const VmNotFound&) {
            gone = true;
        } catch (const ProviderError& error) {
            log::warning("host.deadline_not_moved").field("host_id", id.str()).field("error", error.what());
        }
    }
    auto record = [id, expiry, now, gone](Session& sql) -> std::optional<Host> {
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

boost::asio::awaitable<void> HostService::provision(std::shared_ptr<Provision> provision, HostId id)
{
    co_await provision->run();
    context_.provisions.erase(id);
}

boost::asio::awaitable<Host> HostService::get(HostId id)
{
    auto host = co_await context_.access.find(id);
    if (!host) {
        throw HostNotFound();
    }
    co_return std::move(*host);
}

boost::asio::awaitable<std::vector<Host>> HostService::list(HostPage page)
{
    auto read = [page = std::move(page)](Session& sql) { return host_table::list(sql, page); };
    co_return co_await context_.store.read(std::move(read));
}

boost::asio::awaitable<Host> HostService::renew(HostId id, std::optional<Timestamp> expires_at)
{
    const auto lock = co_await context_.leases.lock(id);
    const auto now = context_.now();
    const auto until = expires_at.value_or(now + context_.policy.lease_default_ttl);

    const auto before = co_await get(id);
    const auto refuse = [](const Host& host) {
        if (host.is_pool_member()) {
            throw HostStateConflict("unclaimed pool host is managed by pool maintenance");
        }
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
            co_await context_.call(*provider, "set_deadline", provider->set_deadline(before.name, until));
        } catch (const VmNotFound&) {
            throw HostStateConflict("cannot renew a host whose machine is gone");
        } catch (const ProviderError& error) {
            log::warning("host.deadline_not_moved").field("host_id", id.str()).field("error", error.what());
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
        refuse(*after);
    }
    if (provider != nullptr && !longer) {
        try {
            co_await context_.call(*provider, "set_deadline", provider->set_deadline(before.name, until));
        } catch (const ProviderError& error) {
            // The row is what counts: the reconciler ends the machine when the lease does.
            log::warning("host.deadline_not_moved").field("host_id", id.str()).field("error", error.what());
        }
    }
    log::info("host.renewed").field("host_id", id.str()).field("expires_at", wire::format_timestamp(until));
    co_return *after;
}

boost::asio::awaitable<void> HostService::remove(HostId id, bool force)
{
    co_await teardowns_.remove(id, force);
}

} // namespace drukbox::service
