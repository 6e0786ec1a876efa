#include "service/hosts/teardowns.hpp"

#include "service/hosts/errors.hpp"
#include "service/hosts/provision.hpp"
#include "service/hosts/release_device.hpp"
#include "service/records/host_state.hpp"
#include "service/runtime/log.hpp"
#include "service/store/host_ownership.hpp"
#include "service/store/host_table.hpp"
#include "service/store/idempotency_table.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

// How long another replica may take to end a provision that is to be torn down. A dead one is found out in
// much less.
constexpr auto longest_wait = 60s;
constexpr auto look_again = 100ms;

} // namespace

/// One teardown in flight; who asks for the same host meanwhile waits for it.
class Teardowns::Teardown
{
public:
    explicit Teardown(HostContext& context, const HostId& id)
        : busy(context.busy.mark(id))
        , ended(context.executor)
    {
    }

    enum class Outcome
    {
        refused, ///< Nothing was begun: there is no such host, or it may not be torn down.
        failed,
        done,
    };

    const BusyHosts::Mark busy;
    Signal ended;
    Outcome outcome = Outcome::refused;
    std::exception_ptr refusal;
};

Teardowns::Teardowns(HostContext& context)
    : context_(context)
{
}

Teardowns::~Teardowns() = default;

boost::asio::awaitable<void> Teardowns::remove(HostId id, bool force)
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
    const auto teardown = std::make_shared<Teardown>(context_, id);
    teardowns_.emplace(id, teardown);
    // A task of the service: once begun it does not depend on the caller.
    context_.tasks.spawn("teardown", run(teardown, id, force));
    co_await teardown->ended.wait();
    if (teardown->refusal) {
        std::rethrow_exception(teardown->refusal);
    }
    if (teardown->outcome != Teardown::Outcome::done) {
        throw TeardownFailed();
    }
}

boost::asio::awaitable<void> Teardowns::run(std::shared_ptr<Teardown> teardown, HostId id, bool force)
{
    std::optional<Host> host;
    try {
        host = co_await take(id, force);
    } catch (const StoreError&) {
        teardown->outcome = Teardown::Outcome::failed;
    } catch (const TeardownFailed&) {
        teardown->outcome = Teardown::Outcome::failed;
    } catch (...) {
        teardown->refusal = std::current_exception();
    }
    if (host) {
        try {
            co_await tear_down(*host);
            teardown->outcome = Teardown::Outcome::done;
        } catch (const HostNotFound&) {
            teardown->refusal = std::current_exception();
        } catch (const std::exception& error) {
            teardown->outcome = Teardown::Outcome::failed;
            // The row stays, and says that its teardown has begun: a retry or the reconciler goes on.
            log::warning("host.teardown_failed").field("host_id", id.str()).field("error", error.what());
        }
        if (teardown->outcome == Teardown::Outcome::failed) {
            co_await let_go(id);
        }
    }
    teardowns_.erase(id);
    teardown->ended.set();
}

/// Makes the host this replica's, waiting for another one's work on it to end. Throws HostNotFound,
/// HostStateConflict, TeardownFailed, StoreError.
boost::asio::awaitable<Host> Teardowns::take(HostId id, bool force)
{
    const auto replica = context_.replica.id();
    auto request = [id, force, replica, now = context_.now()](Session& sql) {
        const auto found = host_table::find(sql, id);
        if (!found) {
            throw HostNotFound();
        }
        if (!force && host_state::needs_force(*found)) {
            throw HostStateConflict("host is still provisioning");
        }
        auto requested = host_ownership::request_teardown(sql, id, replica, now);
        if (!requested) {
            throw HostNotFound();
        }
        // The host's row before its key, as everywhere: two orders would be a deadlock.
        idempotency_table::release(sql, id);
        return *requested;
    };
    boost::asio::steady_timer timer{context_.executor};
    for (const auto until = std::chrono::steady_clock::now() + longest_wait;;) {
        auto host = co_await context_.record("request_teardown", request);
        if (host.owner == replica) {
            const auto running = context_.provisions.find(id);
            if (running == context_.provisions.end()) {
                co_return host;
            }
            const auto provision = running->second;
            provision->cancel();
            co_await provision->ended();
            continue;
        }
        if (std::chrono::steady_clock::now() > until) {
            throw TeardownFailed();
        }
        timer.expires_after(look_again);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

boost::asio::awaitable<bool> Teardowns::reap(HostId id, Cause cause)
{
    if (context_.busy.contains(id)) {
        co_return false;
    }
    const auto teardown = std::make_shared<Teardown>(context_, id);
    teardowns_.emplace(id, teardown);
    std::optional<Host> host;
    std::exception_ptr failure;
    try {
        auto take = [id, cause, replica = context_.replica.id(),
                     now = context_.now()](Session& sql) -> std::optional<Host> {
            const bool taken = cause == Cause::due ? host_ownership::take_due(sql, id, replica, now)
                                                   : host_ownership::take_surplus(sql, id, replica, now);
            if (!taken) {
                return std::nullopt;
            }
            idempotency_table::release(sql, id);
            return host_table::find(sql, id);
        };
        host = co_await context_.record("take_for_teardown", std::move(take));
        if (host) {
            context_.metrics.reconciler_decision(cause == Cause::surplus ? "shed" : "reaped");
            log::info("host.reaping")
                .field("host_id", id.str())
                .field("provider", host->provider)
                .field("reason", cause == Cause::surplus ? "the pool has more than it needs"
                                 : host->last_error.empty() && host_state::expired(*host, context_.now())
                                     ? "its lease has run out"
                                 : host->last_error.empty() ? "its teardown was begun"
                                                            : host->last_error);
            co_await tear_down(*host);
            teardown->outcome = Teardown::Outcome::done;
        }
    } catch (const StoreError&) {
        failure = std::current_exception();
    } catch (const std::exception& error) {
        teardown->outcome = Teardown::Outcome::failed;
        log::warning("host.teardown_failed").field("host_id", id.str()).field("error", error.what());
    }
    if (teardown->outcome == Teardown::Outcome::failed) {
        co_await let_go(id);
    }
    teardowns_.erase(id);
    teardown->ended.set();
    if (failure) {
        std::rethrow_exception(failure);
    }
    co_return teardown->outcome == Teardown::Outcome::done;
}

/// The machine's place on the network, the machine, then the row. Throws HostNotFound when somebody else was
/// faster.
boost::asio::awaitable<void> Teardowns::tear_down(const Host& host)
{
    co_await release_device(context_, host);
    if (host.vm_intent) {
        auto* provider = context_.providers.find(host.provider);
        if (provider == nullptr) {
            throw ProviderMissing("no provider named " + host.provider);
        }
        co_await provider->remove(host.name);
    }
    auto erase = [id = host.id, now = context_.now()](Session& sql) {
        return host_table::erase(sql, id, now);
    };
    const bool erased = co_await context_.record("erase", std::move(erase));
    if (!erased) {
        throw HostNotFound();
    }
    log::info("host.deleted").field("host_id", host.id.str()).field("provider", host.provider);
}

/// After a failure: the reconciler of any replica may go on.
boost::asio::awaitable<void> Teardowns::let_go(HostId id)
{
    try {
        auto release = [id, replica = context_.replica.id()](Session& sql) {
            host_ownership::release(sql, id, replica);
        };
        co_await context_.record("let_go", std::move(release));
    } catch (const StoreError& error) {
        log::warning("host.release_failed").field("host_id", id.str()).field("error", error.what());
    }
}

} // namespace drukbox::service
