#pragma once

#include <drukbox/export.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace drukbox::inline v0 {

/// What an error knows about the call that failed.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class SandboxErrorInfo
{
public:
    /// An error of which nothing is known.
    SandboxErrorInfo() = default;

    std::string operation;  ///< `create_host` and the like; empty where no call was made.
    int status = 0;         ///< The HTTP status; 0 when there was no answer.
    std::string detail;     ///< What the service said, or else what went wrong.
    std::string error_code; ///< The service's own slug (`HOST_STATE`); empty when it gave none.
    bool retryable = false; ///< Whether the same call may be made again.

    /// How long the service asks to be left alone before that; none where it does not say.
    std::optional<std::chrono::seconds> retry_after;
};

/// The root of all errors of this library. `what()` is the detail. The library puts no token, no variable's
/// value and no key into one.
///
/// Copying does not throw, and a copy keeps the dynamic type when it is made by rethrowing. The type
/// information of every class here is exported, so that a handler in another library or in the program
/// catches them.
///
/// Thread safety: immutable; may be read from any number of threads.
class DRUKBOX_API SandboxError : public std::runtime_error
{
public:
    /// An error that knows this much.
    explicit SandboxError(SandboxErrorInfo info);

    /// Shares what the other knows.
    SandboxError(const SandboxError&) noexcept = default;

    /// Shares what the other knows.
    SandboxError& operator=(const SandboxError&) noexcept = default;

    ~SandboxError() override;

    /// The HTTP status; 0 when there was no answer.
    [[nodiscard]] int status() const noexcept { return info_->status; }

    /// What the service said, or else what went wrong.
    [[nodiscard]] const std::string& detail() const noexcept { return info_->detail; }

    /// The service's own slug for the error, such as `HOST_STATE`; empty when it gave none.
    [[nodiscard]] const std::string& error_code() const noexcept { return info_->error_code; }

    /// The operation that failed, such as `create_host`; empty where no call was made.
    [[nodiscard]] const std::string& operation() const noexcept { return info_->operation; }

    /// Whether the same call may succeed later, and may be repeated without doing its work twice: after a 429
    /// and a 503, and where no answer came. A create that was cut off is repeatable only with an idempotency
    /// key.
    [[nodiscard]] bool retryable() const noexcept { return info_->retryable; }

    /// How long the service asks to be left alone (its `Retry-After`, in seconds or as a date), from 0 to 366
    /// days; none where it does not say, or says something else. It may be there whether or not the call is
    /// retryable(). A pause before the next attempt should not be shorter.
    [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const noexcept
    {
        return info_->retry_after;
    }

private:
    // Shared, so that copying an exception does not throw.
    std::shared_ptr<const SandboxErrorInfo> info_;
};

/// The program's own mistake: a setting that is missing or malformed, an empty host id, text that is not
/// UTF-8. Nothing was sent.
class DRUKBOX_API SandboxUsageError : public SandboxError
{
public:
    using SandboxError::SandboxError;
    ~SandboxUsageError() override;
};

/// The service could not be reached, did not answer in time, or says that it is out of order or has no room
/// (503, the latter with the error_code() `CAPACITY`). Not a SandboxAPIError: nothing was refused. Try again
/// with a backoff, where retryable(), and not before retry_after().
class DRUKBOX_API SandboxUnavailableError : public SandboxError
{
public:
    using SandboxError::SandboxError;
    ~SandboxUnavailableError() override;
};

/// The service answered, and the answer is not what was asked for.
class DRUKBOX_API SandboxAPIError : public SandboxError
{
public:
    using SandboxError::SandboxError;
    ~SandboxAPIError() override;
};

/// 401, 403: the token is missing, wrong or revoked.
class DRUKBOX_API SandboxAuthError : public SandboxAPIError
{
public:
    using SandboxAPIError::SandboxAPIError;
    ~SandboxAuthError() override;
};

/// 404: the service knows no such host, or no longer.
class DRUKBOX_API SandboxNotFoundError : public SandboxAPIError
{
public:
    using SandboxAPIError::SandboxAPIError;
    ~SandboxNotFoundError() override;
};

/// 409: the host's present state does not allow it.
class DRUKBOX_API SandboxConflictError : public SandboxAPIError
{
public:
    using SandboxAPIError::SandboxAPIError;
    ~SandboxConflictError() override;
};

/// 422: the request breaks a rule of the service; the detail lists them all, joined by `; `.
class DRUKBOX_API SandboxValidationError : public SandboxAPIError
{
public:
    using SandboxAPIError::SandboxAPIError;
    ~SandboxValidationError() override;
};

/// 502: the host could not be provisioned. Its record stays in `error`; delete_host() releases what is left.
class DRUKBOX_API SandboxProvisioningError : public SandboxAPIError
{
public:
    using SandboxAPIError::SandboxAPIError;
    ~SandboxProvisioningError() override;
};

/// An answer that makes no sense: another status, a body that is not JSON, a record of the wrong shape, or
/// with a name, an address or a key in it that must not go on to a shell or to ssh (the detail says which
/// member). A 429 is one too, and retryable().
class DRUKBOX_API SandboxResponseError : public SandboxAPIError
{
public:
    using SandboxAPIError::SandboxAPIError;
    ~SandboxResponseError() override;
};

} // namespace drukbox::inline v0
