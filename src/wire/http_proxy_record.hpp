#pragma once

#include "wire/shape_error.hpp"

#include <drukbox/http_proxy.hpp>
#include <drukbox/http_proxy_attachment.hpp>

#include <boost/json/fwd.hpp>

#include <string>

namespace drukbox::wire {

/// The JSON object: exactly the contract's keys.
[[nodiscard]] std::string serialize(const HTTPProxy& proxy);
[[nodiscard]] std::string serialize(const HTTPProxyAttachment& attachment);

/// Ignore unknown keys. Throw ShapeError.
[[nodiscard]] HTTPProxy parse_http_proxy(const boost::json::value& json);
[[nodiscard]] HTTPProxyAttachment parse_http_proxy_attachment(const boost::json::value& json);

} // namespace drukbox::wire
