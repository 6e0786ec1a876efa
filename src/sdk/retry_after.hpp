#pragma once

#include "http/message.hpp"

#include <chrono>
#include <optional>

namespace drukbox::sdk {

/// How long an answer asks to be left alone: Retry-After in whole seconds or as a date. Nothing where it does
/// not say, or says something else: a proxy on the way may have written it.
[[nodiscard]] std::optional<std::chrono::seconds>
retry_after(const http::Headers& headers,
            std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

} // namespace drukbox::sdk
