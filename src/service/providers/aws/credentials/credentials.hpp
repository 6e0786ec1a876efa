#pragma once

#include "service/redacted.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace drukbox::service::aws {

/// What requests are signed with.
class Credentials
{
public:
    Credentials() = default;

    std::string access_key;
    Redacted secret_key;
    Redacted session_token;                                       ///< Empty with lasting credentials.
    std::optional<std::chrono::system_clock::time_point> expires; ///< None: never.
};

} // namespace drukbox::service::aws
