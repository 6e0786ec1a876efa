#include "service/hosts/create.hpp"

#include "service/hosts/errors.hpp"
#include "service/hosts/provision.hpp"
#include "service/records/host_state.hpp"
#include "service/runtime/log.hpp"
#include "service/store/ended_host_table.hpp"
#include "service/store/host_table.hpp"
#include "service/store/pool_table.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace drukbox::service {
namespace {

/// A key whose host vanishes between two looks at it is free again, and a warm host may turn out to be of no
/// use; many times in a row is somebody's doing.
constexpr int most_attempts = 8;

/// Between two looks at a host that another replica is making.
constexpr std::chrono::milliseconds look_again{100};

} // namespace

HostCreation::HostCreation(HostContext& context, Leases& leases)
    : context_(context)
    , leases_(leases)
    , pool_claim_(context)
{
}

boost::asio::awaitable<CreatedHost> HostCreation::create(CreateHost command)
{
    auto& provider = choose_provider(context_.providers, context_.default_provider, command);
    const IdempotencyKey key{context_, provider, command};
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        auto found = co_await find_or_claim(provider, command, key);
        if (!found.bound && !found.claimed) {
            check_order(provider, command);
            auto reservation = Reservation::prepare(context_, provider, command);
            found = co_await begin(provider, std::move(reservation), key);
        }
        std::optional<CreatedHost> created;
        if (found.begun) {
            created = co_await found.begun->join(std::move(command.caller_gone));
        } else if (found.claimed) {
            created = co_await pool_claim_.finish(std::move(*found.claimed), command.caller_gone);
        } else if (found.bound) {
            key.check(*found.bound);
            created = co_await replay(found.bound->host, command);
        }
        if (created) {
            co_return std::move(*created);
        }
    }
    throw ProvisioningInterrupted();
}

/// The host that the key stands for; else, for who asks for nothing in particular, one of the pool, which the
/// key stands for from then on.
boost::asio::awaitable<HostCreation::Found>
HostCreation::find_or_claim(const Provider& provider, const CreateHost& command, const IdempotencyKey& key)
{
    Found result;
    if (!key && !command.takes_any()) {
        co_return result;
    }
    pool_table::Claim claim;
    claim.provider = provider.name();
    claim.replica = context_.replica.id();
    claim.lease = command.lease;
    claim.new_key = provider.capabilities().mints_key && provider.capabilities().replaces_key;
    const auto now = context_.now();
    claim.expires_at = command.lease.stamp(now, context_.policy.lease_default_ttl);
    auto work = [&command, &key, claim, now](Session& sql) {
        Found found;
        found.bound = key.find(sql, now);
        if (!found.bound && command.takes_any()) {
            found.claimed = pool_table::claim(sql, claim, now);
        }
        if (found.claimed) {
            key.bind(sql, found.claimed->id, now);
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

/// Writes the row with its key and begins to make the host, unless the key stands for another by now.
boost::asio::awaitable<HostCreation::Found> HostCreation::begin(Provider& provider, Reservation reservation,
                                                                const IdempotencyKey& key)
{
    const auto id = reservation.host.id;
    auto reserve = [host = reservation.host, &key](Session& sql) {
        auto bound = key.find(sql, host.created_at);
        if (!bound) {
            host_table::insert(sql, host);
            key.bind(sql, host.id, host.created_at);
        }
        return bound;
    };
    // Known before its row is: whoever finds the row finds the provision.
    auto running =
        std::make_shared<Provision>(context_, provider, std::move(reservation.host),
                                    std::move(reservation.spec), std::move(reservation.private_key));
    context_.provisions.emplace(id, running);
    Found result;
    std::exception_ptr failure;
    try {
        result.bound = co_await context_.record("reserve", std::move(reserve));
    } catch (const StoreError&) {
        failure = std::make_exception_ptr(ProvisioningInterrupted{});
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure && !result.bound) {
        context_.tasks.spawn("provision", provision(running, id));
        result.begun = std::move(running);
        co_return result;
    }
    context_.provisions.erase(id);
    running->abandon(failure ? failure : std::make_exception_ptr(ProvisioningInterrupted{}));
    if (failure) {
        std::rethrow_exception(failure);
    }
    co_return result;
}

/// A task of the service, not of the connection.
boost::asio::awaitable<void> HostCreation::provision(std::shared_ptr<Provision> provision, HostId id)
{
    co_await provision->run();
    context_.provisions.erase(id);
}

/// The host that a key stands for, once it is usable; nothing when it is gone by now. A provision that is
/// under way, here or at another replica, is waited for, and its failure is this caller's answer too.
boost::asio::awaitable<std::optional<CreatedHost>> HostCreation::replay(HostId id, const CreateHost& command)
{
    if (const auto running = context_.provisions.find(id); running != context_.provisions.end()) {
        const auto joined = running->second;
        auto created = co_await joined->join(command.caller_gone);
        // Who joins when the lease has just been stamped may find it stamped for nobody.
        if (!created.host.unclaimed) {
            co_return created;
        }
    }
    co_return co_await wait_elsewhere(id, command);
}

boost::asio::awaitable<std::optional<CreatedHost>> HostCreation::wait_elsewhere(HostId id,
                                                                                const CreateHost& command)
{
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
        if (!host || host_state::leaving(*host)) {
            co_return std::nullopt;
        }
        if (host->status == HostStatus::error) {
            throw ProvisioningFailed(host->last_error);
        }
        if (host_state::settled(*host)) {
            co_return co_await hand_out(std::move(*host), command);
        }
        const bool nobody_works_on_it =
            host->owner.empty() || (host->owner == context_.replica.id() && !context_.busy.contains(id));
        if (nobody_works_on_it || (command.caller_gone && command.caller_gone())) {
            throw ProvisioningInterrupted();
        }
        timer.expires_after(look_again);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

/// An active host for a caller who has its key. Nothing when it is gone, or changing, by now.
boost::asio::awaitable<std::optional<CreatedHost>> HostCreation::hand_out(Host found,
                                                                          const CreateHost& command)
{
    if (host_state::awaits_key(found)) {
        co_return co_await pool_claim_.resume(std::move(found), command.caller_gone);
    }
    const auto id = found.id;
    const auto lock = co_await context_.leases.lock(id);
    auto find = [id](Session& sql) { return host_table::find(sql, id); };
    auto host = co_await context_.store.read(find);
    if (!host || !host_state::live(*host)) {
        co_return std::nullopt;
    }
    if (host_state::may_be_claimed(*host)) {
        host = co_await leases_.claim(std::move(*host));
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
            log::error("host.key_unseal_failed").field("host_id", id.str()).field("error", error.what());
        }
    }
    co_return result;
}

boost::asio::awaitable<bool> HostCreation::create_for_pool(Provider& provider)
{
    HostOrder order;
    order.lease = LeaseIntent::until(context_.now() + context_.policy.pool_max_age);
    auto reservation = Reservation::prepare(context_, provider, order);
    reservation.host.pooled = true;
    try {
        const IdempotencyKey no_key;
        const auto found = co_await begin(provider, std::move(reservation), no_key);
        co_await found.begun->join(nullptr);
        co_return true;
    } catch (const HostError& error) {
        log::warning("pool.create_failed").field("provider", provider.name()).field("error", error.what());
    }
    co_return false;
}

} // namespace drukbox::service
