#pragma once

#include "service/base/redacted.hpp"

#include <string>

namespace drukbox::service::tailscale {

/// The script by which one machine joins the tailnet: bootstrap.sh with the key and the name set behind its
/// shebang, so that they override what a provider puts in front.
[[nodiscard]] Redacted bootstrap_script(const Redacted& auth_key, const std::string& host_name);

} // namespace drukbox::service::tailscale
