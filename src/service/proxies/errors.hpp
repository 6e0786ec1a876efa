#pragma once

#include <stdexcept>
#include <string>

namespace drukbox::service {

/// What a caller asked of the HTTP proxies cannot be done. `what()` is meant for the caller. Names that exist
/// or are unknown come as the provider's HttpProxyExists and HttpProxyNotFound.
class HttpProxyError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

class HttpProxiesUnsupported : public HttpProxyError
{
public:
    explicit HttpProxiesUnsupported(const std::string& provider)
        : HttpProxyError("VM provider '" + provider + "' does not support HttpProxyCapability")
    {
    }
};

/// The provider failed. `done` is what it was to do: `created`, `removed`, `attached`, `detached`.
class HttpProxyFailed : public HttpProxyError
{
public:
    explicit HttpProxyFailed(const std::string& done)
        : HttpProxyError("http proxy could not be " + done)
    {
    }
};

} // namespace drukbox::service
