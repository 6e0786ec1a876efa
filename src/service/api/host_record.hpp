#pragma once

#include "service/hosts/host.hpp"
#include "service/redacted.hpp"

#include <drukbox/sandbox_host.hpp>

#include <optional>

namespace drukbox::service::api {

/// The record that a caller gets to see.
[[nodiscard]] SandboxHost to_record(const Host& host,
                                    const std::optional<Redacted>& private_key = std::nullopt);

} // namespace drukbox::service::api
