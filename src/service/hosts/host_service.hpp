#pragma once

#include "service/hosts/host.hpp"
#include "service/hosts/host_context.hpp"
#include "service/hosts/provision.hpp"
#include "service/redacted.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service {

/// A create as a caller asks for it.
class CreateHost
{
public:
    CreateHost() = default;

    std::optional<std::string> image;
    std::map<std::string, Redacted> env;
    LeaseIntent lease;
    std::optional<std::string> provider;
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
    std::optional<std::string> idempotency_key;
    CallerGone caller_gone;
};

/// The lifecycle of hosts: create, read, renew, delete. Throws HostError and StoreError.
class HostService
{
public:
    explicit HostService(HostContext& context);
    HostService(const HostService&) = delete;
    HostService& operator=(const HostService&) = delete;
    ~HostService();

    /// Returns when the host is usable. The provision goes on when the caller stops waiting. A key that
    /// stands for a host already hands out that host, whatever else is asked.
    boost::asio::awaitable<CreatedHost> create(CreateHost command);

    boost::asio::awaitable<Host> get(HostId id);
    boost::asio::awaitable<std::vector<Host>> list();

    /// `expires_at` none: LEASE_DEFAULT_TTL from now.
    boost::asio::awaitable<Host> renew(HostId id, std::optional<Timestamp> expires_at);

    /// Tears a host down at a caller's wish.
    boost::asio::awaitable<void> remove(HostId id);

    /// Tears a host down if its lease has run out or its teardown has begun. False when it was spared.
    boost::asio::awaitable<bool> reap(HostId id);

    /// Marks what a dead process left in the making, before the service listens.
    void recover();

    /// True while a provision of this process works on the host.
    [[nodiscard]] bool is_provisioning(const HostId& id) const;

private:
    class Teardown;
    class Reservation;

    boost::asio::awaitable<std::optional<CreatedHost>> replay(HostId id, const CreateHost& command);
    boost::asio::awaitable<std::optional<Host>> claim(Host host);
    boost::asio::awaitable<void> provision(std::shared_ptr<Provision> provision, HostId id);
    boost::asio::awaitable<void> tear_down(std::shared_ptr<Teardown> teardown, Host host);
    boost::asio::awaitable<void> tear_down_steps(const Host& host);

    HostContext& context_;
    std::map<HostId, std::shared_ptr<Provision>> provisions_;
    std::map<HostId, std::shared_ptr<Teardown>> teardowns_;
};

} // namespace drukbox::service
