#include "service/providers/registry.hpp"

#include "service/providers/observed_provider.hpp"

namespace drukbox::service {

void ProviderRegistry::add(std::unique_ptr<Provider> provider)
{
    std::string name{provider->name()};
    providers_.insert_or_assign(std::move(name), std::move(provider));
}

ProviderRegistry ProviderRegistry::observed(Metrics& metrics) &&
{
    ProviderRegistry result;
    for (auto& [name, provider] : providers_) {
        result.add(service::observed(std::move(provider), metrics));
    }
    return result;
}

Provider* ProviderRegistry::find(std::string_view name) const noexcept
{
    const auto found = providers_.find(name);
    return found == providers_.end() ? nullptr : found->second.get();
}

std::vector<std::string> ProviderRegistry::names() const
{
    std::vector<std::string> result;
    for (const auto& [name, provider] : providers_) {
        result.push_back(name);
    }
    return result;
}

std::vector<Provider*> ProviderRegistry::all() const
{
    std::vector<Provider*> result;
    for (const auto& [name, provider] : providers_) {
        result.push_back(provider.get());
    }
    return result;
}

} // namespace drukbox::service
