#pragma once

#include "service/base/redacted.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <string>
#include <vector>

/// What the Tailscale API answers. All throw MalformedAnswer.
namespace drukbox::service::tailscale {

/// What authorises calls for a while.
class AccessToken
{
public:
    AccessToken() = default;

    Redacted value;
    std::chrono::seconds lifetime{0};
};

[[nodiscard]] AccessToken read_access_token(const boost::json::value& answer);

/// What a machine joins by.
class AuthKey
{
public:
    AuthKey() = default;

    Redacted secret;
    std::string id; ///< Empty where the answer tells none.
};

[[nodiscard]] AuthKey read_auth_key(const boost::json::value& answer);

class Device
{
public:
    Device() = default;

    std::string hostname; ///< Empty where the answer tells none, as for one that another tailnet shares.
    std::string node_id;  ///< Likewise.
};

/// All of a tailnet's.
[[nodiscard]] std::vector<Device> read_devices(const boost::json::value& answer);

} // namespace drukbox::service::tailscale
