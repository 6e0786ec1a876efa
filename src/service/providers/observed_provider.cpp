#include "service/providers/observed_provider.hpp"

#include "service/metrics/observed_call.hpp"

#include <utility>

namespace drukbox::service {
namespace {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

class ObservedProvider final : public Provider, private HttpProxyCapability
{
public:
    ObservedProvider(std::unique_ptr<Provider> provider, Metrics& metrics)
        : provider_(std::move(provider))
        , metrics_(metrics)
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return provider_->name(); }

    [[nodiscard]] Capabilities capabilities() const noexcept override { return provider_->capabilities(); }

    [[nodiscard]] std::string default_image() const override { return provider_->default_image(); }

    [[nodiscard]] MachineSizes default_sizes() const override { return provider_->default_sizes(); }

    [[nodiscard]] std::string_view hint() const noexcept override { return provider_->hint(); }

    [[nodiscard]] std::vector<std::string> warnings() const override { return provider_->warnings(); }

    [[nodiscard]] Awaitable<Vm> create(VmSpec spec) override
    {
        return observe("create", provider_->create(std::move(spec)));
    }

    [[nodiscard]] Awaitable<void> wait_until_reachable(const Vm& vm) override
    {
        return observe("wait_until_reachable", provider_->wait_until_reachable(vm));
    }

    [[nodiscard]] Awaitable<void> remove(std::string vm) override
    {
        return observe("remove", provider_->remove(std::move(vm)));
    }

    [[nodiscard]] Awaitable<void> set_deadline(std::string vm,
                                               std::optional<wire::Timestamp> deadline) override
    {
        return observe("set_deadline", provider_->set_deadline(std::move(vm), deadline));
    }

    [[nodiscard]] Awaitable<void> replace_key(std::string vm, std::string authorized_key) override
    {
        return observe("replace_key", provider_->replace_key(std::move(vm), std::move(authorized_key)));
    }

    [[nodiscard]] Awaitable<std::vector<VmSummary>> list() override
    {
        return observe("list", provider_->list());
    }

    [[nodiscard]] Awaitable<Diagnosis> diagnose() override
    {
        return observe("diagnose", provider_->diagnose());
    }

    [[nodiscard]] HttpProxyCapability* http_proxies() noexcept override
    {
        return provider_->http_proxies() == nullptr ? nullptr : this;
    }

private:
    [[nodiscard]] Awaitable<void> create_proxy(HttpProxySpec spec) override
    {
        return observe("create_proxy", provider_->http_proxies()->create_proxy(std::move(spec)));
    }

    [[nodiscard]] Awaitable<void> remove_proxy(std::string name) override
    {
        return observe("remove_proxy", provider_->http_proxies()->remove_proxy(std::move(name)));
    }

    [[nodiscard]] Awaitable<void> attach_proxy(std::string name, std::string vm) override
    {
        return observe("attach_proxy",
                       provider_->http_proxies()->attach_proxy(std::move(name), std::move(vm)));
    }

    [[nodiscard]] Awaitable<void> detach_proxy(std::string name, std::string vm) override
    {
        return observe("detach_proxy",
                       provider_->http_proxies()->detach_proxy(std::move(name), std::move(vm)));
    }

    template <class T>
    Awaitable<T> observe(std::string_view operation, Awaitable<T> call)
    {
        return observed_call(metrics_, provider_->name(), "provider." + std::string{operation}, operation,
                             std::move(call));
    }

    const std::unique_ptr<Provider> provider_;
    Metrics& metrics_;
};

} // namespace

std::unique_ptr<Provider> observed(std::unique_ptr<Provider> provider, Metrics& metrics)
{
    return std::make_unique<ObservedProvider>(std::move(provider), metrics);
}

} // namespace drukbox::service
