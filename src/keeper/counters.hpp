#pragma once

namespace drukbox::keeper {

/// For a process in the user namespace that owns a sandbox: no more of what the kernel counts by user
/// namespace, and as its maker's as well, than an eighth of what the machine allows one user. The maker is
/// the service's user for all sandboxes, whatever uid is mapped. Throws std::system_error.
void limit_counters();

} // namespace drukbox::keeper
