#include "service/hosts/pool_claim.hpp"

#include "service/hosts/host_failure.hpp"
#include "service/runtime/log.hpp"
#include "service/ssh/key_pair.hpp"
#include "service/store/host_ownership.hpp"
#include "service/store/pool_table.hpp"

#include <algorithm>
#include <utility>

namespace drukbox::service {

boost::asio::awaitable<std::optional<CreatedHost>> PoolClaim::finish(Host host, CallerGone gone)
{
    const auto busy = context_.busy.mark(host.id);
    const auto lock = co_await context_.leases.lock(host.id);
    std::optional<CreatedHost> result;
    std::optional<std::string> useless;
    std::optional<Redacted> key;
    try {
        auto* provider = context_.providers.find(host.provider);
        if (provider == nullptr) {
            throw ProviderMissing("no provider named " + host.provider);
        }
        key = co_await place_key(*provider, host);
        co_await provider->set_deadline(host.name, host.expires_at);
    } catch (const VmNotFound&) {
        useless = machine_gone;
    } catch (const ProviderError& error) {
        useless = error.kind() + ": " + error.what();
    } catch (const UnsealError& error) {
        useless = std::string{"InternalError: "} + error.what();
    }
    if (useless) {
        co_await give_up(host, *useless);
        co_return result;
    }
    if (gone && gone()) {
        const auto short_expiry = context_.now() + context_.policy.unclaimed_lease;
        host.unclaimed = true;
        host.expires_at = host.expires_at ? std::min(*host.expires_at, short_expiry) : short_expiry;
    }
    host.key_pending = false;
    auto finish = [host, replica = context_.replica.id(), now = context_.now()](Session& sql) {
        return pool_table::finish(sql, host, replica, now);
    };
    const bool finished = co_await context_.record("finish_claim", std::move(finish));
    if (finished) {
        host.owner.clear();
        log::info("pool.claimed").field("host_id", host.id.str()).field("provider", host.provider);
        result.emplace(std::move(host), std::move(key));
    }
    co_return result;
}

boost::asio::awaitable<std::optional<CreatedHost>> PoolClaim::resume(Host host, CallerGone gone)
{
    const auto busy = context_.busy.mark(host.id);
    auto take = [id = host.id, replica = context_.replica.id()](Session& sql) {
        return host_ownership::take_key_pending(sql, id, replica);
    };
    const bool taken = co_await context_.record("resume_claim", std::move(take));
    std::optional<CreatedHost> result;
    if (taken) {
        result = co_await finish(std::move(host), std::move(gone));
    }
    co_return result;
}

/// The key that the caller gets: a new one put on the machine, or the one that it has had, sealed until now.
boost::asio::awaitable<std::optional<Redacted>> PoolClaim::place_key(Provider& provider, Host& host)
{
    std::optional<Redacted> key;
    if (host.key_pending) {
        auto pair = ssh::KeyPair::generate();
        co_await provider.replace_key(host.name, pair.public_key);
        host.sealed_private_key = context_.sealer.seal(pair.private_key, host.id.str());
        key = std::move(pair.private_key);
    } else if (!host.sealed_private_key.empty()) {
        key = context_.sealer.unseal(host.sealed_private_key, host.id.str());
    }
    co_return key;
}

boost::asio::awaitable<void> PoolClaim::give_up(const Host& host, const std::string& last_error)
{
    log::warning("pool.member_unusable").field("host_id", host.id.str()).field("reason", last_error);
    auto lose = [id = host.id, replica = context_.replica.id(), last_error, now = context_.now()](
                    Session& sql) { static_cast<void>(lose_and_release(sql, id, replica, last_error, now)); };
    co_await context_.record("lose_claimed", std::move(lose));
}

} // namespace drukbox::service
