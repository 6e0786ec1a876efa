#pragma once

#include <drukbox/detail/operation.hpp>

#include <future>
#include <memory>
#include <utility>

namespace drukbox::sdk {

/// Hands the outcome to the thread that waits for it.
class WaitingReceiver final : public detail::Receiver
{
public:
    explicit WaitingReceiver(std::promise<detail::Outcome> outcome)
        : outcome_(std::move(outcome))
    {
    }

    void receive(detail::Outcome outcome) noexcept override { outcome_.set_value(std::move(outcome)); }

private:
    std::promise<detail::Outcome> outcome_;
};

/// Runs an operation and blocks until it has ended.
template <class Result>
Result run_blocking(const detail::Operation& operation)
{
    std::promise<detail::Outcome> promise;
    auto outcome = promise.get_future();
    const auto call = operation.prepare();
    call->start(std::make_unique<WaitingReceiver>(std::move(promise)));
    return detail::decode<Result>(outcome.get());
}

} // namespace drukbox::sdk
