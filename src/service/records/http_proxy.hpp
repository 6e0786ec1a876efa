#pragma once

#include "service/base/redacted.hpp"

#include <map>
#include <string>

namespace drukbox::service {

/// An HTTP proxy: where machines it is attached to reach `target`, with header fields that they never see.
class HttpProxySpec
{
public:
    HttpProxySpec() = default;

    std::string name;
    std::string target; ///< Normalised: `https://host/`, `http://host:8080/`.
    std::map<std::string, Redacted> headers;
};

} // namespace drukbox::service
