#pragma once

#include "service/base/redacted.hpp"
#include "wire/timestamp.hpp"

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
    Redacted session_token;                 ///< Empty with lasting credentials.
    std::optional<wire::Timestamp> expires; ///< None: never. Any year: finer ticks would overflow.
};

} // namespace drukbox::service::aws
