#pragma once

#include "service/metrics/metrics.hpp"
#include "service/providers/provider.hpp"

#include <memory>

namespace drukbox::service {

/// The same provider, with every call of it counted, timed and named for crash tests. `metrics` outlives it.
[[nodiscard]] std::unique_ptr<Provider> observed(std::unique_ptr<Provider> provider, Metrics& metrics);

} // namespace drukbox::service
