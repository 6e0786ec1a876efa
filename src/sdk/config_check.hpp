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

/// Whether the token goes unencrypted to where `base_url` says; the URL must be a checked one.
[[nodiscard]] bool is_plain_http(std::string_view base_url) noexcept;

/// Whether the authority of a URL, a scheme or none before it, is this machine: `localhost`, a loopback
/// address, or the address of no machine in particular (`0.0.0.0`), which connects to this one.
[[nodiscard]] bool is_this_machine(std::string_view url);

/// The configuration with its URL in normal form. Throws SandboxUsageError, naming the first member that is
/// missing or out of range.
[[nodiscard]] SandboxConfig checked(SandboxConfig config);

} // namespace drukbox::sdk
