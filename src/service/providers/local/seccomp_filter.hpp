#pragma once

#include <string>

namespace drukbox::service::local {

/// The system call filter of every sandbox, as BPF for `bwrap --seccomp`: what is refused is listed in the
/// implementation; calls that are newer than it are absent, everything else is allowed. Throws ProviderError.
[[nodiscard]] std::string compile_seccomp_filter();

} // namespace drukbox::service::local
