#pragma once

#include <drukbox/sandbox_host.hpp>

#include <string_view>
#include <vector>

namespace drukbox::cli {

/// The host that a person means: by its name, its id, or a prefix of either that fits no other host. Throws
/// Failure: not_found, or usage with the candidates when the prefix fits several.
[[nodiscard]] const SandboxHost& find_host(const std::vector<SandboxHost>& hosts, std::string_view reference);

} // namespace drukbox::cli
