#pragma once

#include "service/providers/hetzner/hetzner_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/json/value.hpp>

#include <cstdint>

namespace drukbox::service::hetzner {

/// What the machine's cloud-init is told; empty: nothing. Throws ProviderError for what cannot be carried.
[[nodiscard]] Redacted user_data(const HetznerSettings& settings, const VmSpec& spec);

/// The body of `POST /ssh_keys`.
[[nodiscard]] boost::json::value key_body(const HetznerSettings& settings, const VmSpec& spec);

/// The body of `POST /servers`.
[[nodiscard]] boost::json::value server_body(const HetznerSettings& settings, const VmSpec& spec,
                                             std::int64_t ssh_key, const Redacted& user_data);

} // namespace drukbox::service::hetzner
