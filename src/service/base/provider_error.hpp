#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace drukbox::service {

/// A provider or a network could not do what it was asked. `what()` is safe to show a caller: no trace, no
/// secret. `kind()` is what stands before the colon in a host's `last_error`, and the outcome in the metrics;
/// code asks for the class instead.
class ProviderError : public std::runtime_error
{
public:
    explicit ProviderError(const std::string& message)
        : ProviderError("ProviderError", message)
    {
    }

    [[nodiscard]] const std::string& kind() const noexcept { return kind_; }

protected:
    ProviderError(std::string kind, const std::string& message)
        : std::runtime_error(message)
        , kind_(std::move(kind))
    {
    }

private:
    std::string kind_;
};

/// It refuses our credentials, or there are none.
class ProviderAuthError : public ProviderError
{
public:
    explicit ProviderAuthError(const std::string& message)
        : ProviderError("ProviderAuthError", message)
    {
    }
};

/// It asks for fewer calls.
class ProviderThrottled : public ProviderError
{
public:
    explicit ProviderThrottled(const std::string& message)
        : ProviderError("ProviderThrottled", message)
    {
    }
};

/// What was awaited of it did not happen in time.
class ProviderTimeout : public ProviderError
{
public:
    explicit ProviderTimeout(const std::string& message)
        : ProviderError("ProviderTimeout", message)
    {
    }
};

/// It cannot be reached, or fails by itself.
class ProviderUnavailable : public ProviderError
{
public:
    explicit ProviderUnavailable(const std::string& message)
        : ProviderError("ProviderUnavailable", message)
    {
    }
};

/// It lacks a credential or a program.
class ProviderNotConfigured : public ProviderError
{
public:
    explicit ProviderNotConfigured(const std::string& message)
        : ProviderError("ProviderNotConfigured", message)
    {
    }
};

/// This service has no provider of that name.
class ProviderMissing : public ProviderError
{
public:
    explicit ProviderMissing(const std::string& message)
        : ProviderError("UnknownProvider", message)
    {
    }
};

/// There is no such image, or it cannot be had.
class ImageNotFound : public ProviderError
{
public:
    explicit ImageNotFound(const std::string& message)
        : ProviderError("ImageNotFound", message)
    {
    }
};

/// The machine does not exist at the provider (any more).
class VmNotFound : public ProviderError
{
public:
    explicit VmNotFound(const std::string& name)
        : ProviderError("VmNotFound", "no machine named " + name)
    {
    }
};

/// There is a proxy of that name already.
class HttpProxyExists : public ProviderError
{
public:
    explicit HttpProxyExists(const std::string& name)
        : ProviderError("HttpProxyExists", "there is an http proxy named " + name)
    {
    }
};

/// There is no proxy of that name.
class HttpProxyNotFound : public ProviderError
{
public:
    explicit HttpProxyNotFound(const std::string& name)
        : ProviderError("HttpProxyNotFound", "no http proxy named " + name)
    {
    }
};

} // namespace drukbox::service
