#pragma once

#include "wire/shape_error.hpp"

#include <drukbox/sandbox_host.hpp>

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace drukbox::wire {

/// The JSON object of a host: exactly the contract's nineteen keys, nullables present as null.
[[nodiscard]] std::string serialize(const SandboxHost& host);
/// A JSON array of them.
[[nodiscard]] std::string serialize(const std::vector<SandboxHost>& hosts);
void append(std::string& out, const SandboxHost& host);

/// The same record with `service_account` after the name, which clients from version 0.3.0 on require.
void append_with_account(std::string& out, const SandboxHost& host,
                         const std::optional<std::string>& service_account);

/// Ignores unknown keys; `instance_type`, `disk_gb`, `ssh_username`, `private_key` may be absent (an older
/// service). Throws ShapeError.
[[nodiscard]] SandboxHost parse_host(const boost::json::value& json);
[[nodiscard]] std::vector<SandboxHost> parse_hosts(const boost::json::value& json);

} // namespace drukbox::wire
