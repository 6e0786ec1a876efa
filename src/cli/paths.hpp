#pragma once

#include <filesystem>

namespace drukbox::cli {

/// Where the service of this user on this machine keeps its state: `STATE_DIR`, else `drukbox` in the XDG
/// state directory; for root without a home, `/var/lib/drukbox`. Throws Failure when there is none.
[[nodiscard]] std::filesystem::path state_directory();

/// Where the keys of hosts are kept: `drukbox/hosts` in the XDG data directory; for root without a home,
/// `/var/lib/drukbox/hosts`. Throws Failure when there is none.
[[nodiscard]] std::filesystem::path key_directory();

} // namespace drukbox::cli
