#pragma once

#include "http/message.hpp"

#include <chrono>
#include <cstddef>

namespace drukbox::service {

/// How long a server that answered 429 asks to be left alone: by Retry-After, in seconds or as a date, else
/// by RateLimit-Reset, in seconds or as a Unix time; else what the number of attempts so far suggests.
[[nodiscard]] std::chrono::milliseconds
told_to_wait(const http::Headers& headers, std::chrono::system_clock::time_point now, std::size_t attempts);

} // namespace drukbox::service
