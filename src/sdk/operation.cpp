#include "sdk/operation.hpp"

#include "sdk/request.hpp"

#include <mutex>
#include <utility>

namespace drukbox::inline v0::detail {
namespace {

class HttpCall final : public Call, public std::enable_shared_from_this<HttpCall>
{
public:
    explicit HttpCall(std::shared_ptr<const Operation::State> operation)
        : operation_(std::move(operation))
    {
    }

    void start(std::unique_ptr<Receiver> receiver) override;
    void cancel() noexcept override;

private:
    bool attach(std::shared_ptr<http::Client::Transfer> transfer);

    const std::shared_ptr<const Operation::State> operation_;
    std::mutex mutex_;
    std::shared_ptr<http::Client::Transfer> transfer_;
    bool cancelled_ = false;
};

using Clock = std::chrono::steady_clock;

/// Passes the outcome of a transfer on.
class Relay final : public http::Client::Completion
{
public:
    // It holds the call, since a cancellation slot does not.
    Relay(std::shared_ptr<HttpCall> call, std::shared_ptr<const Operation::State> operation,
          std::unique_ptr<Receiver> receiver)
        : call_(std::move(call))
        , operation_(std::move(operation))
        , receiver_(std::move(receiver))
        , started_(operation_->log ? Clock::now() : Clock::time_point{})
    {
    }

    void complete(std::exception_ptr failure, http::Response response) noexcept override
    {
        auto outcome = std::make_unique<Outcome::State>();
        if (operation_->log) {
            outcome->duration = std::chrono::floor<std::chrono::microseconds>(Clock::now() - started_);
        }
        outcome->operation = std::move(operation_);
        outcome->failure = std::move(failure);
        outcome->response = std::move(response);
        receiver_->receive(Outcome{std::move(outcome)});
    }

private:
    std::shared_ptr<HttpCall> call_;
    std::shared_ptr<const Operation::State> operation_;
    std::unique_ptr<Receiver> receiver_;
    Clock::time_point started_;
};

std::exception_ptr transport_error(http::TransportFailure failure, const char* message)
{
    return std::make_exception_ptr(http::TransportError(failure, message));
}

void HttpCall::start(std::unique_ptr<Receiver> receiver)
{
    const auto core = operation_->core.lock();
    std::exception_ptr failure = operation_->refusal;
    if (!failure && !core) {
        failure = transport_error(http::TransportFailure::closed, "the client is gone");
    }
    if (!failure && attach(nullptr)) {
        failure = transport_error(http::TransportFailure::cancelled, "cancelled");
    }
    if (failure) {
        auto outcome = std::make_unique<Outcome::State>();
        outcome->operation = operation_;
        outcome->failure = std::move(failure);
        receiver->receive(Outcome{std::move(outcome)});
        return;
    }
    auto relay = std::make_unique<Relay>(shared_from_this(), operation_, std::move(receiver));
    std::shared_ptr<const http::Request> request{operation_, &operation_->request};
    auto transfer = core->client.start(std::move(request), std::move(relay));
    if (attach(transfer)) {
        transfer->cancel();
    }
}

void HttpCall::cancel() noexcept
{
    std::shared_ptr<http::Client::Transfer> transfer;
    {
        const std::lock_guard lock{mutex_};
        cancelled_ = true;
        transfer = transfer_;
    }
    if (transfer) {
        transfer->cancel();
    }
}

// Whether the call has been cancelled meanwhile.
bool HttpCall::attach(std::shared_ptr<http::Client::Transfer> transfer)
{
    const std::lock_guard lock{mutex_};
    transfer_ = std::move(transfer);
    return cancelled_;
}

} // namespace

Core::Core(SandboxConfig checked_config, sdk::Dialect service_dialect)
    : config(std::move(checked_config))
    , dialect(service_dialect)
    , log(config.log ? std::make_shared<const LogHook>(config.log) : nullptr)
    , client(sdk::client_options(config))
{
}

Outcome::Outcome(std::unique_ptr<State> state) noexcept
    : state_(std::move(state))
{
}

Outcome::Outcome(Outcome&&) noexcept = default;
Outcome& Outcome::operator=(Outcome&&) noexcept = default;
Outcome::~Outcome() = default;

std::unique_ptr<Outcome::State> Outcome::release() noexcept
{
    return std::move(state_);
}

Receiver::~Receiver() = default;
Call::~Call() = default;

std::shared_ptr<Call> Operation::prepare() const
{
    return std::make_shared<HttpCall>(state_);
}

} // namespace drukbox::inline v0::detail
