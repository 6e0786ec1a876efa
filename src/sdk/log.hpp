#pragma once

#include "sdk/operation.hpp"

namespace drukbox::sdk {

/// Tells the log hook, where there is one, of the request behind an outcome, where there was one.
void report(const detail::Outcome::State& outcome) noexcept;

} // namespace drukbox::sdk
