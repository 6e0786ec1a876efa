#pragma once

#include "service/providers/exoscale/exoscale_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace drukbox::service::exoscale {

/// What the machine's cloud-init is told, in base64; empty: nothing. Throws ProviderError for what cannot be
/// carried.
[[nodiscard]] Redacted user_data(const ExoscaleSettings& settings, const VmSpec& spec);

/// The body of `POST /ssh-key`.
[[nodiscard]] boost::json::value key_body(const VmSpec& spec);

/// The body of `POST /instance`.
[[nodiscard]] boost::json::value instance_body(const ExoscaleSettings& settings, const VmSpec& spec,
                                               const std::string& template_id, const std::string& type_id,
                                               const Redacted& user_data);

} // namespace drukbox::service::exoscale
