#pragma once

#include "service/base/redacted.hpp"
#include "service/records/host.hpp"
#include "wire/host_view.hpp"

#include <optional>
#include <string>

namespace drukbox::service::api {

/// In whose records a client sees the hosts.
using View = wire::HostView;

/// Appends the record of a host as JSON.
void append_record(std::string& out, View view, const Host& host,
                   const std::optional<Redacted>& private_key = std::nullopt);

[[nodiscard]] std::string serialize(View view, const Host& host,
                                    const std::optional<Redacted>& private_key = std::nullopt);

} // namespace drukbox::service::api
