#pragma once

#include "wire/key_use.hpp"
#include "wire/requests/list_request.hpp"
#include "wire/timestamp.hpp"

#include <drukbox/lease.hpp>
#include <drukbox/sandbox_host.hpp>
#include <drukbox/testing/fake_service_options.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::inline v0::testing::detail {

/// The hosts, their leases and their idempotency keys, on a clock that can be moved forward. Not thread safe.
class HostBook
{
public:
    explicit HostBook(const FakeServiceOptions& options);

    [[nodiscard]] wire::Timestamp now() const;

    void advance_clock(std::chrono::seconds by) { offset_ += by; }

    void set_template(SandboxHost host) { template_ = std::move(host); }

    /// A host as a create would find it to begin with: an id, a name, and the template's coordinates. Not
    /// entered yet.
    [[nodiscard]] SandboxHost draft() const;

    /// Makes it active, with this lease, and enters it.
    SandboxHost& activate(SandboxHost draft, const Lease& lease);
    /// Enters it as a failure whose lease has ended.
    void enter_failed(SandboxHost draft, std::string last_error);
    void put(SandboxHost host);
    /// Gives it another lease.
    void renew(SandboxHost& host, const Lease& lease);
    void erase(const std::string& id);

    /// Null when there is none.
    [[nodiscard]] SandboxHost* find(const std::string& id);
    /// The host that an idempotency key leads to; null when there is none.
    [[nodiscard]] SandboxHost* find_by_key(const std::string& key);
    /// Whether a key that leads to a host may be used for this.
    [[nodiscard]] bool allows(const std::string& key, const wire::KeyUse& use) const;
    void bind_key(const std::string& key, const std::string& id, wire::KeyUse use);
    /// Newest first, without their private keys.
    [[nodiscard]] std::vector<SandboxHost> list();

private:
    class BoundKey
    {
    public:
        std::string host_id;
        wire::KeyUse use;
        wire::Timestamp ends;
    };

    [[nodiscard]] std::optional<std::string> end_of(const Lease& lease, wire::Timestamp from) const;
    // What the service's janitor does.
    void reap();

    std::chrono::seconds default_lease_;
    std::chrono::seconds key_ttl_;
    std::string provider_;
    SandboxHost template_;
    std::chrono::seconds offset_{0};
    std::vector<SandboxHost> hosts_; // In the order in which they were entered.
    std::map<std::string, BoundKey, std::less<>> keys_;
};

/// Where a host stands in the list.
[[nodiscard]] wire::ListPosition position_of(const SandboxHost& host);

/// A record as everything but a create shows it.
[[nodiscard]] SandboxHost without_private_key(SandboxHost host);

} // namespace drukbox::inline v0::testing::detail
