#include <drukbox/sandbox_error.hpp>

#include <utility>

namespace drukbox::inline v0 {

SandboxError::SandboxError(SandboxErrorInfo info)
    : std::runtime_error(info.detail)
    , info_(std::make_shared<const SandboxErrorInfo>(std::move(info)))
{
}

// Out of line, so that the library has the one typeinfo that a catch in another object compares with.
SandboxError::~SandboxError() = default;
SandboxUsageError::~SandboxUsageError() = default;
SandboxUnavailableError::~SandboxUnavailableError() = default;
SandboxAPIError::~SandboxAPIError() = default;
SandboxAuthError::~SandboxAuthError() = default;
SandboxNotFoundError::~SandboxNotFoundError() = default;
SandboxConflictError::~SandboxConflictError() = default;
SandboxValidationError::~SandboxValidationError() = default;
SandboxProvisioningError::~SandboxProvisioningError() = default;
SandboxResponseError::~SandboxResponseError() = default;

} // namespace drukbox::inline v0
