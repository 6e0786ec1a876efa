#pragma once

#include "wire/timestamp.hpp"
#include "wire/uuid.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service {

using wire::Timestamp;
using HostId = wire::Uuid;

/// Whoever has one of the service's tokens: they are one account, so that a token can be rotated.
inline constexpr std::string_view admin_account = "admin";

enum class HostStatus
{
    provisioning,
    creating_network,
    creating_vm,
    bootstrapping,
    active,
    error
};

[[nodiscard]] std::string_view to_string(HostStatus status) noexcept;
/// Throws std::invalid_argument for a name that is no status.
[[nodiscard]] HostStatus host_status(std::string_view name);

/// How long a caller wants a host: what is stamped on it once it is usable.
class LeaseIntent
{
public:
    enum class Kind
    {
        standard,  ///< LEASE_DEFAULT_TTL from the moment of stamping.
        permanent, ///< No end.
        until,     ///< A point in time.
        renewed,   ///< A renewal has stamped the lease already: leave it alone.
    };

    LeaseIntent() = default;

    explicit LeaseIntent(Kind kind, std::optional<Timestamp> until = std::nullopt)
        : kind_(kind)
        , until_(until)
    {
    }

    [[nodiscard]] static LeaseIntent until(Timestamp time) { return LeaseIntent{Kind::until, time}; }

    [[nodiscard]] Kind kind() const noexcept { return kind_; }

    [[nodiscard]] std::optional<Timestamp> end() const noexcept { return until_; }

    /// When the lease ends if it is stamped now; none: never. Not for `renewed`.
    [[nodiscard]] std::optional<Timestamp> stamp(Timestamp now,
                                                 std::chrono::seconds standard_ttl) const noexcept;

    /// The safety lease of a host that is being provisioned.
    [[nodiscard]] Timestamp provisional(Timestamp now, std::chrono::seconds grace) const noexcept;

private:
    Kind kind_ = Kind::standard;
    std::optional<Timestamp> until_;
};

/// A host as its row holds it.
class Host
{
public:
    Host() = default;

    HostId id;
    std::string name;
    HostStatus status = HostStatus::provisioning;
    std::string provider;
    std::string image;
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
    std::string external_ssh_host;
    std::uint16_t external_ssh_port = 22;
    std::string ssh_username;
    std::optional<std::string> internal_ssh_host;
    std::string known_hosts;
    std::optional<std::string> tailscale_device_id;
    std::string last_error;
    Timestamp created_at{};
    Timestamp updated_at{};
    std::optional<Timestamp> activated_at;
    std::optional<Timestamp> expires_at; ///< None: permanent.

    LeaseIntent lease;
    /// The caller was gone when the host became active: it has only the short lease until a retry comes.
    bool unclaimed = false;
    /// A machine of this name may exist at the provider: set before the provider is asked for one, cleared
    /// when it is known to be gone.
    bool vm_intent = false;
    /// Someone has begun to tear the host down: nobody may renew or hand it out any more.
    std::optional<Timestamp> teardown_at;
    /// The replica that works on the host: makes it, finishes a claim of it or tears it down. Empty: none.
    std::string owner;
    /// The replica that goes on with the teardown when the owner has ended its provision.
    std::optional<std::string> teardown_by;
    /// Made for the pool.
    bool pooled = false;
    /// When a caller got it from the pool.
    std::optional<Timestamp> claimed_at;
    /// Claimed, but the key that its caller is to get is not on the machine yet.
    bool key_pending = false;
    /// The private half of the caller's key, sealed; empty where the provider mints none.
    std::string sealed_private_key;
};

/// `sb-` and the last twelve hex digits of the id.
[[nodiscard]] std::string host_name(const HostId& id);

} // namespace drukbox::service
