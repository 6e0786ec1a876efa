#pragma once

#include "wire/key_use.hpp"

#include <stdexcept>
#include <string>

namespace drukbox::service {

/// What a caller asked of the hosts cannot be done. `what()` is meant for the caller.
class HostError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

class HostNotFound : public HostError
{
public:
    HostNotFound()
        : HostError("host not found")
    {
    }
};

/// The host's state does not allow it.
class HostStateConflict : public HostError
{
public:
    using HostError::HostError;
};

/// An idempotency key stands for a host that was asked for in other words.
class IdempotencyKeyReused : public HostError
{
public:
    IdempotencyKeyReused()
        : HostError(std::string{wire::key_reused})
    {
    }
};

class UnknownProvider : public HostError
{
public:
    using HostError::HostError;
};

/// The provider does not take a size with the request.
class SizingUnsupported : public HostError
{
public:
    using HostError::HostError;
};

/// The provider cannot carry the value of a variable.
class EnvUnsupported : public HostError
{
public:
    using HostError::HostError;
};

/// The template that a host is to be made of is not there to be used.
class TemplateNotAvailable : public HostError
{
public:
    explicit TemplateNotAvailable(const std::string& id)
        : HostError("template '" + id + "' is not available: this service has no templates")
    {
    }
};

/// Secrets for a host need a proxy beside its provider.
class SecretsProxyNotConfigured : public HostError
{
public:
    explicit SecretsProxyNotConfigured(const std::string& provider)
        : HostError("no secrets proxy is configured for provider '" + provider + "'")
    {
    }
};

/// The provision failed; what() is the host's `last_error`.
class ProvisioningFailed : public HostError
{
public:
    using HostError::HostError;
};

/// The provision's outcome could not be recorded, so that it is not known to the caller.
class ProvisioningInterrupted : public HostError
{
public:
    ProvisioningInterrupted()
        : HostError("host provisioning could not be completed")
    {
    }
};

/// The provider could not be told of a longer lease.
class RenewalFailed : public HostError
{
public:
    RenewalFailed()
        : HostError("host lease could not be renewed")
    {
    }
};

class TeardownFailed : public HostError
{
public:
    TeardownFailed()
        : HostError("host teardown could not be completed")
    {
    }
};

} // namespace drukbox::service
