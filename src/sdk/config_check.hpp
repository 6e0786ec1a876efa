#pragma once

#include <drukbox/sandbox_config.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace drukbox::sdk {

/// A SandboxUsageError with this message.
[[noreturn]] void refuse(const std::string& message, std::string_view operation = {});

/// The service's URL without a trailing `/`. Throws SandboxUsageError, which begins with `name`.
[[nodiscard]] std::string checked_base_url(std::string_view name, std::string_view url);

/// Throws SandboxUsageError for a timeout out of range.
void check_timeout(std::chrono::milliseconds timeout);

/// Throws SandboxUsageError, which begins with `name` and does not show the token.
void check_token(std::string_view name, std::string_view token);

/// The configuration with its URL in normal form. Throws SandboxUsageError, naming the first member that is
/// missing or out of range.
[[nodiscard]] SandboxConfig checked(SandboxConfig config);

} // namespace drukbox::sdk
