#pragma once

#include "service/metrics/metrics.hpp"
#include "service/providers/provider.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// The providers of this service by their names.
class ProviderRegistry
{
public:
    ProviderRegistry() = default;

    void add(std::unique_ptr<Provider> provider);

    /// The same providers with every call counted, timed and named for crash tests.
    [[nodiscard]] ProviderRegistry observed(Metrics& metrics) &&;

    /// Null when there is none of that name.
    [[nodiscard]] Provider* find(std::string_view name) const noexcept;

    /// Sorted.
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] std::vector<Provider*> all() const;

private:
    std::map<std::string, std::unique_ptr<Provider>, std::less<>> providers_;
};

} // namespace drukbox::service
