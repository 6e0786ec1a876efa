#pragma once

#include "service/records/host.hpp"
#include "service/store/statement.hpp"

#include <string_view>

namespace drukbox::service {

/// The columns of the table `hosts`, in the order in which a Host is bound to them.
inline constexpr std::string_view host_columns =
    "id, name, status, provider, image, instance_type, disk_gb, external_ssh_host, external_ssh_port, "
    "ssh_username, internal_ssh_host, known_hosts, tailscale_device_id, last_error, created_at, "
    "updated_at, activated_at, expires_at, lease_kind, lease_until, unclaimed, vm_intent, teardown_at, "
    "sealed_private_key, owner, teardown_by, pooled, claimed_at, key_pending";

/// A host bound to a statement: a variable for each of its columns.
template <>
class Bound<Host>
{
public:
    void set(const Host& host);
    [[nodiscard]] Host get() const;

    void read_with(soci::statement& statement);
    void write_with(soci::statement& statement);

private:
    template <class Each>
    void each(Each each_column);

    Bound<std::string> id_;
    Bound<std::string> name_;
    Bound<std::string> status_;
    Bound<std::string> provider_;
    Bound<std::string> image_;
    Bound<std::optional<std::string>> instance_type_;
    Bound<std::optional<long long>> disk_gb_;
    Bound<std::string> external_ssh_host_;
    Bound<int> external_ssh_port_;
    Bound<std::string> ssh_username_;
    Bound<std::optional<std::string>> internal_ssh_host_;
    Bound<std::string> known_hosts_;
    Bound<std::optional<std::string>> tailscale_device_id_;
    Bound<std::string> last_error_;
    Bound<long long> created_at_;
    Bound<long long> updated_at_;
    Bound<std::optional<long long>> activated_at_;
    Bound<std::optional<long long>> expires_at_;
    Bound<int> lease_kind_;
    Bound<std::optional<long long>> lease_until_;
    Bound<int> unclaimed_;
    Bound<int> vm_intent_;
    Bound<std::optional<long long>> teardown_at_;
    Bound<std::string> sealed_private_key_;
    Bound<std::string> owner_;
    Bound<std::optional<std::string>> teardown_by_;
    Bound<int> pooled_;
    Bound<std::optional<long long>> claimed_at_;
    Bound<int> key_pending_;
};

} // namespace drukbox::service
