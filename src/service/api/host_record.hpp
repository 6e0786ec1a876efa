#pragma once

#include "service/base/redacted.hpp"
#include "service/records/host.hpp"

#include <drukbox/sandbox_host.hpp>

#include <optional>

namespace drukbox::service::api {

/// The record that a caller gets to see.
[[nodiscard]] SandboxHost to_record(const Host& host,
                                    const std::optional<Redacted>& private_key = std::nullopt);

/// Who the host belongs to, as clients from version 0.3.0 on want to know: every token of this service is an
/// administrator's. None for a member of the pool.
[[nodiscard]] std::optional<std::string> service_account(const Host& host);

} // namespace drukbox::service::api
