#pragma once

#include "wire/requests/request_body.hpp"

#include <map>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// A proxy as its request asks for it.
class CreateProxy
{
public:
    CreateProxy() = default;

    std::string name;
    std::string target;
    std::map<std::string, std::string> headers; ///< The values may be secrets.
};

/// What there is of an origin in a URL.
class Origin
{
public:
    Origin() = default;

    std::string text;         ///< Empty: it is no URL.
    std::string_view surplus; ///< What is there that an origin has no part in; empty: nothing of the kind.
};

/// Takes the target of a proxy apart: one that begins with `http://` or `https://`, in whichever case, and
/// has no control characters.
using ReadOrigin = Origin(const std::string& url);

[[nodiscard]] CreateProxy read_create_proxy(const RequestBody& body, ReadOrigin& read_origin,
                                            Findings& findings);

} // namespace drukbox::wire
