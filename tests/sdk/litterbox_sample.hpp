#pragma once

#include "sdk/sample.hpp"

#include <drukbox/litterbox/sandbox_host.hpp>

#include <string>

namespace drukbox::sdk {

/// A host in the record of 0.0.2 and 0.0.3.
inline const std::string& litterbox_json()
{
    static const std::string text =
        R"({"id":"0190b5e2-7c1a-7def-8abc-0123456789ab","name":"sb-0123456789ab","status":"active",)"
        R"("provider":"exe","image":"debian","ssh_host":"a.exe.dev","ssh_port":2222,"known_hosts":"k\n",)"
        R"("tailscale_device_id":null,"last_error":"","created_at":"2026-05-28T12:00:00Z",)"
        R"("updated_at":"2026-05-28T12:00:01Z","activated_at":"2026-05-28T12:00:02Z","expires_at":null})";
    return text;
}

inline litterbox::SandboxHost litterbox_host()
{
    litterbox::SandboxHost host;
    host.id = host_id;
    host.name = "sb-0123456789ab";
    host.status = "active";
    host.provider = "exe";
    host.image = "debian";
    host.ssh_host = "a.exe.dev";
    host.ssh_port = 2222;
    host.known_hosts = "k\n";
    host.created_at = "2026-05-28T12:00:00Z";
    host.updated_at = "2026-05-28T12:00:01Z";
    host.activated_at = "2026-05-28T12:00:02Z";
    return host;
}

} // namespace drukbox::sdk
