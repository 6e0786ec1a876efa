#pragma once

#include "wire/host_record.hpp"

#include <drukbox/sandbox_host.hpp>

#include <string>

namespace drukbox::sdk {

inline const std::string host_id = "0190b5e2-7c1a-7def-8abc-0123456789ab";

/// A host as a service would describe it.
inline SandboxHost sample_host()
{
    SandboxHost host;
    host.id = host_id;
    host.name = "sb-0123456789ab";
    host.status = "active";
    host.provider = "local";
    host.image = "host";
    host.external_ssh_host = "127.0.0.1";
    host.external_ssh_port = 40022;
    host.ssh_username = "sandbox";
    host.known_hosts = "[127.0.0.1]:40022 ssh-ed25519 AAAA\n";
    host.created_at = "2026-05-28T12:00:00Z";
    host.updated_at = "2026-05-28T12:00:00Z";
    return host;
}

/// A host with a value for every key.
inline SandboxHost full_host()
{
    SandboxHost host;
    host.id = host_id;
    host.name = "sb-0123456789ab";
    host.status = "active";
    host.provider = "local";
    host.image = "host";
    host.instance_type = "cx23";
    host.disk_gb = 50;
    host.external_ssh_host = "127.0.0.1";
    host.external_ssh_port = 40022;
    host.ssh_username = "sandbox";
    host.internal_ssh_host = "sb-0123456789ab.example.ts.net";
    host.known_hosts = "[127.0.0.1]:40022 ssh-ed25519 AAAA\n";
    host.tailscale_device_id = "n1";
    host.private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\n\"quoted\"\\\n";
    host.last_error = "ProviderError: no";
    host.created_at = "2026-05-28T12:00:00Z";
    host.updated_at = "2026-05-28T12:00:00.000001Z";
    host.activated_at = "2026-05-28T12:00:01Z";
    host.expires_at = "2026-05-29T12:00:00Z";
    return host;
}

inline std::string sample_json()
{
    return wire::serialize(sample_host());
}

} // namespace drukbox::sdk
