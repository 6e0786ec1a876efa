#pragma once

#include <drukbox/sandbox_host.hpp>

#include <boost/json/fwd.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::wire {

/// A JSON value that is not the record it should be; `what()` names the key and what was expected of it.
class ShapeError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The JSON object of a host: exactly the contract's nineteen keys, nullables present as null.
[[nodiscard]] std::string serialize(const SandboxHost& host);
/// A JSON array of them.
[[nodiscard]] std::string serialize(const std::vector<SandboxHost>& hosts);

/// Ignores unknown keys; `instance_type`, `disk_gb`, `ssh_username`, `private_key` may be absent (an older
/// service). Throws ShapeError.
[[nodiscard]] SandboxHost parse_host(const boost::json::value& json);
[[nodiscard]] std::vector<SandboxHost> parse_hosts(const boost::json::value& json);

} // namespace drukbox::wire
