#pragma once

#include "service/records/host.hpp"
#include "service/store/statement.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace drukbox::service {

/// A column of the table `hosts`, and what it holds of a Host.
template <class T>
struct HostColumn
{
    std::string_view name;
    T (*get)(const Host&);
    void (*set)(Host&, T);
};

/// The column of a member.
template <auto Member>
constexpr auto host_column(std::string_view name)
{
    using T = std::remove_cvref_t<decltype(std::declval<Host&>().*Member)>;
    return HostColumn<T>{name, [](const Host& host) { return host.*Member; },
                         [](Host& host, T value) { host.*Member = std::move(value); }};
}

/// All of them, in the order in which a Host is bound to them. A new one needs a line here and a migration.
inline constexpr std::tuple host_columns{
    host_column<&Host::id>("id"),
    host_column<&Host::name>("name"),
    host_column<&Host::status>("status"),
    host_column<&Host::provider>("provider"),
    host_column<&Host::image>("image"),
    host_column<&Host::instance_type>("instance_type"),
    host_column<&Host::disk_gb>("disk_gb"),
    host_column<&Host::external_ssh_host>("external_ssh_host"),
    host_column<&Host::external_ssh_port>("external_ssh_port"),
    host_column<&Host::ssh_username>("ssh_username"),
    host_column<&Host::internal_ssh_host>("internal_ssh_host"),
    host_column<&Host::known_hosts>("known_hosts"),
    host_column<&Host::tailscale_device_id>("tailscale_device_id"),
    host_column<&Host::last_error>("last_error"),
    host_column<&Host::created_at>("created_at"),
    host_column<&Host::updated_at>("updated_at"),
    host_column<&Host::activated_at>("activated_at"),
    host_column<&Host::expires_at>("expires_at"),
    HostColumn<LeaseIntent::Kind>{
        "lease_kind", [](const Host& host) { return host.lease.kind(); },
        [](Host& host, LeaseIntent::Kind kind) { host.lease = LeaseIntent{kind, host.lease.end()}; }},
    HostColumn<std::optional<Timestamp>>{
        "lease_until", [](const Host& host) { return host.lease.end(); },
        [](Host& host, std::optional<Timestamp> end) { host.lease = LeaseIntent{host.lease.kind(), end}; }},
    host_column<&Host::unclaimed>("unclaimed"),
    host_column<&Host::vm_intent>("vm_intent"),
    host_column<&Host::teardown_at>("teardown_at"),
    host_column<&Host::sealed_private_key>("sealed_private_key"),
    host_column<&Host::owner>("owner"),
    host_column<&Host::teardown_by>("teardown_by"),
    host_column<&Host::pooled>("pooled"),
    host_column<&Host::claimed_at>("claimed_at"),
    host_column<&Host::key_pending>("key_pending"),
};

/// Their names, separated by commas; with a colon before each they are the marks that a Host is written to.
[[nodiscard]] std::string host_column_names(std::string_view before_each = "");

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
    template <class... Types>
    static std::tuple<Bound<Types>...> bound(const std::tuple<HostColumn<Types>...>& columns);

    decltype(bound(host_columns)) values_;
};

} // namespace drukbox::service
