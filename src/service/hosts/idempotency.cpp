#include "service/hosts/idempotency.hpp"

#include "service/hosts/errors.hpp"

#include <sodium.h>

#include <array>

namespace drukbox::service {
namespace {

std::string digest(const std::string& text)
{
    constexpr std::size_t size = 32;
    std::array<unsigned char, size> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), nullptr, 0);
    std::array<char, 2 * size + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

/// What the key is used for, as digests of fixed length: as it was said, and with the defaults of now.
wire::KeyUse fingerprint(const HostContext& context, const Provider& provider, const CreateHost& command)
{
    wire::AskedHost host;
    host.provider = command.provider;
    host.image = command.image;
    if (command.template_id) {
        host.template_id = command.template_id->str();
    }
    host.instance_type = command.instance_type;
    host.disk_gb = command.disk_gb;
    for (const auto& [name, value] : command.env) {
        host.variables.insert(name);
    }
    host.secrets = command.secrets;
    auto asked = digest(host.text());

    host.provider = provider.name();
    if (host.image) {
        host.template_id.reset();
    } else if (!host.template_id) {
        host.image = provider.default_image();
    }
    const auto sizes = provider.default_sizes();
    if (!host.instance_type) {
        host.instance_type = sizes.instance_type;
    }
    if (!host.disk_gb) {
        host.disk_gb = sizes.disk_gb;
    }
    if (context.network != nullptr) {
        host.network = context.network->name();
    }
    return {std::move(asked), digest(host.text())};
}

} // namespace

IdempotencyKey::IdempotencyKey(const HostContext& context, const Provider& provider,
                               const CreateHost& command)
    : key_(command.idempotency_key)
    , account_(command.account)
    , ttl_(context.policy.idempotency_key_ttl)
{
    if (key_) {
        use_ = fingerprint(context, provider, command);
    }
}

std::optional<idempotency_table::Binding> IdempotencyKey::find(Session& sql, Timestamp now) const
{
    return key_ ? idempotency_table::find(sql, *key_, now) : std::nullopt;
}

void IdempotencyKey::bind(Session& sql, const HostId& id, Timestamp now) const
{
    if (key_) {
        const idempotency_table::Binding binding{id, account_, use_};
        idempotency_table::reserve(sql, *key_, binding, now + ttl_, now);
    }
}

void IdempotencyKey::check(const idempotency_table::Binding& bound) const
{
    if (!bound.use.allows(use_)) {
        throw IdempotencyKeyReused();
    }
}

} // namespace drukbox::service
