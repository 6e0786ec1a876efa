#pragma once

#include "service/hosts/context.hpp"
#include "service/hosts/order.hpp"
#include "service/store/idempotency_table.hpp"
#include "wire/key_use.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace drukbox::service {

/// The idempotency key of a create, with who uses it and what for; none where the create has none.
class IdempotencyKey
{
public:
    IdempotencyKey() = default;

    /// `provider` is the one that the create leads to.
    IdempotencyKey(const HostContext& context, const Provider& provider, const CreateHost& command);

    explicit operator bool() const noexcept { return key_.has_value(); }

    [[nodiscard]] std::optional<idempotency_table::Binding> find(Session& sql, Timestamp now) const;

    /// From now on the key stands for the host.
    void bind(Session& sql, const HostId& id, Timestamp now) const;

    /// Throws IdempotencyKeyReused for a host that was asked for in other words: nobody learns anything of
    /// it.
    void check(const idempotency_table::Binding& bound) const;

private:
    std::optional<std::string> key_;
    std::string account_;
    wire::KeyUse use_;
    std::chrono::seconds ttl_{};
};

} // namespace drukbox::service
