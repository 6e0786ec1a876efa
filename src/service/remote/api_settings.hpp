#pragma once

#include "service/base/redacted.hpp"
#include "service/environment/environment.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service {

/// Where an HTTP API is: an http(s) URL, without a final slash. Throws SettingError for anything else, for
/// credentials, a query and a fragment.
[[nodiscard]] std::string read_api_url(const Environment& environment, std::string_view name,
                                       std::string_view otherwise);

/// A credential that fits into a header field. Throws SettingError.
[[nodiscard]] std::optional<Redacted> read_credential(const Environment& environment, std::string_view name);

/// A user name as a machine has one. Throws SettingError.
void read_user_name(const Environment& environment, std::string_view name, std::string& value);

} // namespace drukbox::service
