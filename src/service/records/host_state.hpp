#pragma once

#include "service/records/host.hpp"

#include <concepts>
#include <string>
#include <string_view>

/// What a host may do in the state that its row says. Whoever decides by the state of a host asks one of
/// these conditions: in C++ by calling it, in SQL by its text over the columns of `hosts`. The whole machine
/// is the state table of docs/architecture.md.
namespace drukbox::service::host_state {

template <class T>
concept Condition = requires(const T& condition) {
    { condition.sql() } -> std::same_as<std::string>;
};

/// Its two sides are written by hand. One that takes a point in time has the mark `:time` for it in SQL, and
/// is NULL of a permanent host: it is not to be negated.
template <class... Time>
struct Fact
{
    bool operator()(const Host& host, Time... time, auto...) const { return holds(host, time...); }

    [[nodiscard]] std::string sql() const { return "(" + std::string{text} + ")"; }

    bool (*holds)(const Host&, Time...);
    std::string_view text;
};

template <HostStatus... any>
struct StatusIs
{
    bool operator()(const Host& host, auto...) const { return ((host.status == any) || ...); }

    [[nodiscard]] std::string sql() const
    {
        std::string names;
        ((names += (names.empty() ? "'" : ", '") + std::string{to_string(any)} + "'"), ...);
        return "status IN (" + names + ")";
    }
};

template <Condition A>
struct Not
{
    bool operator()(const Host& host, auto... time) const { return !a(host, time...); }

    [[nodiscard]] std::string sql() const { return "NOT " + a.sql(); }

    A a;
};

/// Both hold; or, where `any`, one is enough.
template <bool any, Condition A, Condition B>
struct Joined
{
    bool operator()(const Host& host, auto... time) const
    {
        return any ? a(host, time...) || b(host, time...) : a(host, time...) && b(host, time...);
    }

    [[nodiscard]] std::string sql() const { return "(" + a.sql() + (any ? " OR " : " AND ") + b.sql() + ")"; }

    A a;
    B b;
};

template <Condition A>
constexpr Not<A> operator!(A a)
{
    return {a};
}

template <Condition A, Condition B>
constexpr Joined<false, A, B> operator&&(A a, B b)
{
    return {a, b};
}

template <Condition A, Condition B>
constexpr Joined<true, A, B> operator||(A a, B b)
{
    return {a, b};
}

inline constexpr Fact<> has_owner{[](const Host& host) { return !host.owner.empty(); }, "owner <> ''"};
inline constexpr Fact<> in_teardown{[](const Host& host) { return host.teardown_at.has_value(); },
                                    "teardown_at IS NOT NULL"};
inline constexpr Fact<> was_active{[](const Host& host) { return host.activated_at.has_value(); },
                                   "activated_at IS NOT NULL"};
inline constexpr Fact<Timestamp> expired{
    [](const Host& host, Timestamp time) { return host.expires_at && *host.expires_at <= time; },
    "expires_at <= :time"};
inline constexpr Fact<Timestamp> outlives{
    [](const Host& host, Timestamp time) { return host.expires_at && *host.expires_at > time; },
    "expires_at > :time"};
/// A renewal has moved its lease: nothing else does any more.
inline constexpr Fact<> lease_is_renewed{
    [](const Host& host) { return host.lease.kind() == LeaseIntent::Kind::renewed; }, "lease_kind = 3"};
static_assert(static_cast<int>(LeaseIntent::Kind::renewed) == 3);
/// Still the pool's, in whatever state: the condition of the index `hosts_in_pool`, word for word.
inline constexpr Fact<> pool_member{[](const Host& host) { return host.pooled && !host.claimed_at; },
                                    "pooled = 1 AND claimed_at IS NULL"};

/// A provision is under way, or was when its process died.
inline constexpr StatusIs<HostStatus::provisioning, HostStatus::creating_network, HostStatus::creating_vm,
                          HostStatus::bootstrapping>
    early;
inline constexpr StatusIs<HostStatus::active> active;
/// A machine stands for it that others may be told of: HTTP proxies may be attached.
inline constexpr StatusIs<HostStatus::bootstrapping, HostStatus::active> has_machine;

/// Its provision may go on, and may fail.
inline constexpr auto in_the_making = early && !in_teardown;
inline constexpr auto may_begin_network = StatusIs<HostStatus::provisioning>{} && !in_teardown;
inline constexpr auto may_begin_vm =
    StatusIs<HostStatus::provisioning, HostStatus::creating_network>{} && !in_teardown;
inline constexpr auto may_begin_bootstrap = StatusIs<HostStatus::creating_vm>{} && !in_teardown;
inline constexpr auto may_activate = StatusIs<HostStatus::bootstrapping>{} && !in_teardown;
/// Its safety lease may be moved.
inline constexpr auto on_safety_lease = in_the_making && !lease_is_renewed;

/// May be handed out by whoever works on it, and may turn out to be lost.
inline constexpr auto live = active && !in_teardown;
/// May be handed out: nobody works on it, and its machine should be there.
inline constexpr auto settled = live && !has_owner;
/// Became active for a caller who was gone: the next one with its key gets the lease that was asked for.
inline constexpr auto may_be_claimed =
    live && Fact<>{[](const Host& host) { return host.unclaimed; }, "unclaimed = 1"};
/// Callers may move its lease. A pool's belongs to the pool.
inline constexpr auto renewable = has_machine && !in_teardown && !pool_member;

/// May be claimed from the pool.
inline constexpr auto warm = pool_member && settled && outlives;
/// One of those that its pool is to have: in the making, or good until after a time.
inline constexpr auto counts_in_pool = pool_member && !in_teardown && (early || (active && outlives));
/// May be taken for teardown when its pool has too much.
inline constexpr auto may_be_shed = pool_member && !in_teardown && !has_owner;
/// Claimed from the pool, and its caller may come back for the key that is not on the machine yet.
inline constexpr auto awaits_key =
    settled && Fact<>{[](const Host& host) { return host.key_pending; }, "key_pending = 1"};

/// May be deleted only by force: its provision has seen no machine yet.
inline constexpr auto needs_force = in_the_making && !has_machine;
/// Has been in use, and is on its way out: its key leads nowhere any more.
inline constexpr auto leaving = was_active && (in_teardown || StatusIs<HostStatus::error>{});
/// May be taken for teardown: its lease has run out or its teardown was begun, and nobody works on it.
inline constexpr auto due = !has_owner && (expired || in_teardown);
/// Its owner is to hand it over to the replica that asked for its teardown.
inline constexpr auto wanted_by_another =
    has_owner && Fact<>{[](const Host& host) { return host.teardown_by && *host.teardown_by != host.owner; },
                        "teardown_by IS NOT NULL AND teardown_by <> owner"};
/// A replica works on it, or should: when that one is gone, another takes over.
inline constexpr auto needs_owner = has_owner || in_the_making;

} // namespace drukbox::service::host_state
