#include "service/hosts/reservation.hpp"

#include "service/ssh/key_pair.hpp"

#include <utility>

namespace drukbox::service {

Reservation Reservation::prepare(const HostContext& context, const Provider& provider, const HostOrder& order)
{
    Reservation result;
    const auto now = context.now();
    auto& host = result.host;
    host.id = HostId::v7(now);
    host.name = host_name(host.id);
    host.provider = provider.name();
    host.image = order.image.value_or(provider.default_image());
    host.instance_type = order.instance_type;
    host.disk_gb = order.disk_gb;
    host.created_at = now;
    host.updated_at = now;
    host.lease = order.lease;
    host.expires_at = order.lease.provisional(now, context.policy.provisioning_grace);
    host.owner = context.replica.id();

    auto& spec = result.spec;
    spec.name = host.name;
    spec.image = host.image;
    spec.instance_type = host.instance_type;
    spec.disk_gb = host.disk_gb;
    spec.env = order.env;
    spec.deadline = host.expires_at;
    auto host_key = ssh::KeyPair::generate();
    spec.host_key = std::move(host_key.private_key);
    spec.host_public_key = std::move(host_key.public_key);
    const auto capabilities = provider.capabilities();
    if (capabilities.mints_key && (context.network == nullptr || capabilities.mints_key_on_tailnet)) {
        auto key = ssh::KeyPair::generate();
        spec.authorized_key = std::move(key.public_key);
        host.sealed_private_key = context.sealer.seal(key.private_key, host.id.str());
        result.private_key = std::move(key.private_key);
    }
    return result;
}

} // namespace drukbox::service
