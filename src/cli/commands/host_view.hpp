#pragma once

#include <drukbox/sandbox_host.hpp>

#include <string>
#include <vector>

namespace drukbox::cli {

/// Hosts as a table for people.
[[nodiscard]] std::string host_table(const std::vector<SandboxHost>& hosts, bool colour);

/// One host, a line for each thing worth knowing.
[[nodiscard]] std::string host_details(const SandboxHost& host);

/// When a host's lease ends, in a few words: `never`, `in 23 h`.
[[nodiscard]] std::string lease_end(const SandboxHost& host);

} // namespace drukbox::cli
