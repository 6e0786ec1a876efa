#include "service/store/host_row.hpp"

#include "service/store/micros.hpp"

namespace drukbox::service {

void Bound<Host>::set(const Host& host)
{
    id_.set(host.id.str());
    name_.set(host.name);
    status_.set(std::string{to_string(host.status)});
    provider_.set(host.provider);
    image_.set(host.image);
    instance_type_.set(host.instance_type);
    disk_gb_.set(host.disk_gb ? std::optional<long long>{*host.disk_gb} : std::nullopt);
    external_ssh_host_.set(host.external_ssh_host);
    external_ssh_port_.set(host.external_ssh_port);
    ssh_username_.set(host.ssh_username);
    internal_ssh_host_.set(host.internal_ssh_host);
    known_hosts_.set(host.known_hosts);
    tailscale_device_id_.set(host.tailscale_device_id);
    last_error_.set(host.last_error);
    created_at_.set(micros(host.created_at));
    updated_at_.set(micros(host.updated_at));
    activated_at_.set(micros(host.activated_at));
    expires_at_.set(micros(host.expires_at));
    lease_kind_.set(static_cast<int>(host.lease.kind()));
    lease_until_.set(micros(host.lease.end()));
    unclaimed_.set(host.unclaimed ? 1 : 0);
    vm_intent_.set(host.vm_intent ? 1 : 0);
    teardown_at_.set(micros(host.teardown_at));
    sealed_private_key_.set(host.sealed_private_key);
    owner_.set(host.owner);
    teardown_by_.set(host.teardown_by);
    pooled_.set(host.pooled ? 1 : 0);
    claimed_at_.set(micros(host.claimed_at));
    key_pending_.set(host.key_pending ? 1 : 0);
}

Host Bound<Host>::get() const
{
    Host host;
    host.id = HostId::parse(id_.get()).value();
    host.name = name_.get();
    host.status = host_status(status_.get());
    host.provider = provider_.get();
    host.image = image_.get();
    host.instance_type = instance_type_.get();
    host.disk_gb = disk_gb_.get();
    host.external_ssh_host = external_ssh_host_.get();
    host.external_ssh_port = static_cast<std::uint16_t>(external_ssh_port_.get());
    host.ssh_username = ssh_username_.get();
    host.internal_ssh_host = internal_ssh_host_.get();
    host.known_hosts = known_hosts_.get();
    host.tailscale_device_id = tailscale_device_id_.get();
    host.last_error = last_error_.get();
    host.created_at = from_micros(created_at_.get());
    host.updated_at = from_micros(updated_at_.get());
    host.activated_at = from_micros(activated_at_.get());
    host.expires_at = from_micros(expires_at_.get());
    host.lease =
        LeaseIntent{static_cast<LeaseIntent::Kind>(lease_kind_.get()), from_micros(lease_until_.get())};
    host.unclaimed = unclaimed_.get() != 0;
    host.vm_intent = vm_intent_.get() != 0;
    host.teardown_at = from_micros(teardown_at_.get());
    host.sealed_private_key = sealed_private_key_.get();
    host.owner = owner_.get();
    host.teardown_by = teardown_by_.get();
    host.pooled = pooled_.get() != 0;
    host.claimed_at = from_micros(claimed_at_.get());
    host.key_pending = key_pending_.get() != 0;
    return host;
}

template <class Each>
void Bound<Host>::each(Each each_column)
{
    each_column(id_);
    each_column(name_);
    each_column(status_);
    each_column(provider_);
    each_column(image_);
    each_column(instance_type_);
    each_column(disk_gb_);
    each_column(external_ssh_host_);
    each_column(external_ssh_port_);
    each_column(ssh_username_);
    each_column(internal_ssh_host_);
    each_column(known_hosts_);
    each_column(tailscale_device_id_);
    each_column(last_error_);
    each_column(created_at_);
    each_column(updated_at_);
    each_column(activated_at_);
    each_column(expires_at_);
    each_column(lease_kind_);
    each_column(lease_until_);
    each_column(unclaimed_);
    each_column(vm_intent_);
    each_column(teardown_at_);
    each_column(sealed_private_key_);
    each_column(owner_);
    each_column(teardown_by_);
    each_column(pooled_);
    each_column(claimed_at_);
    each_column(key_pending_);
}

void Bound<Host>::read_with(soci::statement& statement)
{
    each([&](auto& column) { column.read_with(statement); });
}

void Bound<Host>::write_with(soci::statement& statement)
{
    each([&](auto& column) { column.write_with(statement); });
}

} // namespace drukbox::service
