#include "service/networking/observed_network.hpp"

#include "service/metrics/observed_call.hpp"

#include <utility>

namespace drukbox::service {
namespace {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

class ObservedNetwork final : public Network
{
public:
    ObservedNetwork(std::unique_ptr<Network> network, Metrics& metrics)
        : network_(std::move(network))
        , metrics_(metrics)
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return network_->name(); }

    [[nodiscard]] std::string_view hint() const noexcept override { return network_->hint(); }

    [[nodiscard]] std::string address(std::string_view host) const override
    {
        return network_->address(host);
    }

    [[nodiscard]] Awaitable<Admission> admit(std::string host) override
    {
        return observe("admit", network_->admit(std::move(host)));
    }

    [[nodiscard]] Awaitable<void> withdraw(std::string admission) override
    {
        return observe("withdraw", network_->withdraw(std::move(admission)));
    }

    [[nodiscard]] Awaitable<std::string> wait_for_device(std::string host) override
    {
        return observe("wait_for_device", network_->wait_for_device(std::move(host)));
    }

    [[nodiscard]] Awaitable<std::string> wait_until_reachable(std::string host, std::string host_key) override
    {
        return observe("wait_until_reachable",
                       network_->wait_until_reachable(std::move(host), std::move(host_key)));
    }

    [[nodiscard]] Awaitable<void> release(std::string device) override
    {
        return observe("release", network_->release(std::move(device)));
    }

    [[nodiscard]] Awaitable<Diagnosis> diagnose() override
    {
        return observe("diagnose", network_->diagnose());
    }

private:
    template <class T>
    Awaitable<T> observe(std::string_view operation, Awaitable<T> call)
    {
        return observed_call(metrics_, network_->name(), "network." + std::string{operation}, operation,
                             std::move(call));
    }

    const std::unique_ptr<Network> network_;
    Metrics& metrics_;
};

} // namespace

std::unique_ptr<Network> observed(std::unique_ptr<Network> network, Metrics& metrics)
{
    return std::make_unique<ObservedNetwork>(std::move(network), metrics);
}

} // namespace drukbox::service
