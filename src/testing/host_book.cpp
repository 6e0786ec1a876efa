#include "testing/host_book.hpp"

#include "wire/uuid.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>
#include <variant>

namespace drukbox::inline v0::testing::detail {
namespace {

// Coordinates of the right form. Nobody listens on the port, so that an attempt to connect fails at once.
SandboxHost usual_template()
{
    SandboxHost host;
    host.image = "fake-image";
    host.external_ssh_host = "127.0.0.1";
    host.external_ssh_port = 1;
    host.ssh_username = "sandbox";
    host.known_hosts = "[127.0.0.1]:1 ssh-ed25519 "
                       "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n";
    host.private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nZmFrZQ==\n-----END OPENSSH PRIVATE KEY-----\n";
    return host;
}

std::optional<wire::Timestamp> time_of(const std::string& text)
{
    const auto parsed = wire::parse_timestamp(text);
    const auto* time = std::get_if<wire::Timestamp>(&parsed);
    return time == nullptr ? std::nullopt : std::optional{*time};
}

} // namespace

HostBook::HostBook(const FakeServiceOptions& options)
    : default_lease_(options.default_lease)
    , key_ttl_(options.idempotency_key_ttl)
    , provider_(options.providers.front())
    , template_(usual_template())
{
}

wire::Timestamp HostBook::now() const
{
    return wire::now() + offset_;
}

SandboxHost HostBook::draft() const
{
    constexpr std::size_t digits_of_name = 12;
    SandboxHost host = template_;
    host.id = wire::Uuid::v7(now()).str();
    host.name = "sb-" + host.id.substr(host.id.size() - digits_of_name);
    host.provider = provider_;
    host.instance_type.reset();
    host.disk_gb.reset();
    host.last_error.clear();
    host.created_at = wire::format_timestamp(now());
    host.updated_at = host.created_at;
    return host;
}

SandboxHost& HostBook::activate(SandboxHost draft, const Lease& lease)
{
    const auto time = now();
    draft.status = "active";
    draft.updated_at = wire::format_timestamp(time);
    draft.activated_at = draft.updated_at;
    draft.expires_at = end_of(lease, time);
    hosts_.push_back(std::move(draft));
    return hosts_.back();
}

void HostBook::enter_failed(SandboxHost draft, std::string last_error)
{
    draft.status = "error";
    draft.last_error = std::move(last_error);
    draft.external_ssh_host.clear();
    draft.ssh_username.clear();
    draft.known_hosts.clear();
    draft.private_key.reset();
    draft.activated_at.reset();
    draft.expires_at = draft.updated_at;
    hosts_.push_back(std::move(draft));
}

void HostBook::put(SandboxHost host)
{
    const auto id = wire::Uuid::parse(host.id);
    if (!id) {
        throw std::invalid_argument("not a host id: " + host.id);
    }
    host.id = id->str();
    if (host.expires_at && !time_of(*host.expires_at)) {
        throw std::invalid_argument("not a timestamp: " + *host.expires_at);
    }
    if (SandboxHost* const existing = find(host.id)) {
        *existing = std::move(host);
    } else {
        hosts_.push_back(std::move(host));
    }
}

void HostBook::renew(SandboxHost& host, const Lease& lease)
{
    const auto time = now();
    host.expires_at = end_of(lease, time);
    host.updated_at = wire::format_timestamp(time);
}

void HostBook::erase(const std::string& id)
{
    std::erase_if(hosts_, [&](const SandboxHost& host) { return host.id == id; });
    std::erase_if(keys_, [&](const auto& entry) { return entry.second.host_id == id; });
}

SandboxHost* HostBook::find(const std::string& id)
{
    reap();
    const auto found = std::ranges::find(hosts_, id, &SandboxHost::id);
    return found == hosts_.end() ? nullptr : &*found;
}

SandboxHost* HostBook::find_by_key(const std::string& key)
{
    const auto found = keys_.find(key);
    if (found == keys_.end() || found->second.ends <= now()) {
        return nullptr;
    }
    // Copied: when the host's lease has ended, its key goes with it.
    const std::string id = found->second.host_id;
    return find(id);
}

bool HostBook::allows(const std::string& key, const wire::KeyUse& use) const
{
    return keys_.at(key).use.allows(use);
}

void HostBook::bind_key(const std::string& key, const std::string& id, wire::KeyUse use)
{
    keys_[key] = BoundKey{id, std::move(use), now() + key_ttl_};
}

std::vector<SandboxHost> HostBook::list()
{
    reap();
    std::vector<SandboxHost> hosts = hosts_;
    std::ranges::transform(hosts, hosts.begin(), without_private_key);
    std::ranges::sort(hosts, std::ranges::greater{}, position_of);
    return hosts;
}

std::optional<std::string> HostBook::end_of(const Lease& lease, wire::Timestamp from) const
{
    if (lease.is_permanent()) {
        return std::nullopt;
    }
    return wire::format_timestamp(lease.end().value_or(from + default_lease_));
}

void HostBook::reap()
{
    std::vector<std::string> ended;
    for (const SandboxHost& host : hosts_) {
        // A failure stays to be looked at.
        if (host.status != "error" && host.expires_at && time_of(*host.expires_at) <= now()) {
            ended.push_back(host.id);
        }
    }
    for (const std::string& id : ended) {
        erase(id);
    }
}

wire::ListPosition position_of(const SandboxHost& host)
{
    return {time_of(host.created_at).value_or(wire::Timestamp{}),
            wire::Uuid::parse(host.id).value_or(wire::Uuid{})};
}

SandboxHost without_private_key(SandboxHost host)
{
    host.private_key.reset();
    return host;
}

} // namespace drukbox::inline v0::testing::detail
