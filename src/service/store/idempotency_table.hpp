#pragma once

#include "service/records/host.hpp"
#include "wire/key_use.hpp"

#include <optional>
#include <string>
#include <utility>

namespace drukbox::service {
class Session;
}

/// The table `idempotency_keys`. A key dies with its host's row.
namespace drukbox::service::idempotency_table {

/// What a key stands for, who used it first and what for.
class Binding
{
public:
    Binding() = default;

    Binding(const HostId& host_id, std::string by, wire::KeyUse what)
        : host(host_id)
        , account(std::move(by))
        , use(std::move(what))
    {
    }

    HostId host;
    std::string account;
    wire::KeyUse use; ///< Empty for a key from before it was written down.
};

/// What an unexpired key stands for.
[[nodiscard]] std::optional<Binding> find(Session& sql, const std::string& key, Timestamp now);

/// Binds a key; an expired binding of the same key is replaced. One that another replica binds in the same
/// moment makes the transaction run again.
void reserve(Session& sql, const std::string& key, const Binding& binding, Timestamp expires_at,
             Timestamp now);

/// Frees the key of a host whose provision failed or whose teardown has begun.
void release(Session& sql, const HostId& host);

/// Frees the keys that have expired.
void forget(Session& sql, Timestamp now);

} // namespace drukbox::service::idempotency_table
