#pragma once

#include "service/metrics/metrics.hpp"
#include "service/networking/network.hpp"

#include <memory>

namespace drukbox::service {

/// The same network, with every call of it counted, timed and named for crash tests. `metrics` outlives it.
[[nodiscard]] std::unique_ptr<Network> observed(std::unique_ptr<Network> network, Metrics& metrics);

} // namespace drukbox::service
