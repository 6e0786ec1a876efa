#include "sdk/operation.hpp"

#include "sdk/request.hpp"
#include "sdk/verdict.hpp"
#include "wire/doctor_record.hpp"
#include "wire/host_list.hpp"
#include "wire/host_record.hpp"
#include "wire/http_proxy_record.hpp"

#include <drukbox/doctor_report.hpp>
#include <drukbox/http_proxy.hpp>
#include <drukbox/http_proxy_attachment.hpp>
#include <drukbox/sandbox_error.hpp>
#include <drukbox/sandbox_host.hpp>

#include <boost/asio/error.hpp>
#include <boost/json.hpp>
#include <boost/system/system_error.hpp>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::inline v0::detail {
namespace {

namespace json = boost::json;
using sdk::Judgement;
using sdk::Verdict;

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

Outcome outcome_of(const Operation::State& operation, std::exception_ptr failure, http::Response response)
{
    auto state = std::make_unique<Outcome::State>();
    state->operation = operation.name;
    state->repeatable = operation.repeatable;
    state->failure = std::move(failure);
    state->response = std::move(response);
    return Outcome{std::move(state)};
}

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
    {
    }

    void complete(std::exception_ptr failure, http::Response response) noexcept override
    {
        receiver_->receive(outcome_of(*operation_, std::move(failure), std::move(response)));
    }

private:
    std::shared_ptr<HttpCall> call_;
    std::shared_ptr<const Operation::State> operation_;
    std::unique_ptr<Receiver> receiver_;
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
        receiver->receive(outcome_of(*operation_, std::move(failure), http::Response{}));
        return;
    }
    auto relay = std::make_unique<Relay>(shared_from_this(), operation_, std::move(receiver));
    auto transfer = core->client.start(operation_->request, std::move(relay));
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

[[noreturn]] void raise(Judgement judgement, SandboxErrorInfo info)
{
    switch (judgement) {
    case Judgement::auth:
        throw SandboxAuthError(std::move(info));
    case Judgement::not_found:
        throw SandboxNotFoundError(std::move(info));
    case Judgement::conflict:
        throw SandboxConflictError(std::move(info));
    case Judgement::validation:
        throw SandboxValidationError(std::move(info));
    case Judgement::provisioning:
        throw SandboxProvisioningError(std::move(info));
    case Judgement::unavailable:
        throw SandboxUnavailableError(std::move(info));
    case Judgement::success:
    case Judgement::response:
        break;
    }
    throw SandboxResponseError(std::move(info));
}

bool never_sent(http::TransportFailure failure) noexcept
{
    return failure == http::TransportFailure::resolve || failure == http::TransportFailure::connect ||
           failure == http::TransportFailure::tls;
}

[[noreturn]] void raise(const http::TransportError& error, const Outcome::State& outcome)
{
    SandboxErrorInfo info;
    info.operation = outcome.operation;
    switch (error.failure()) {
    case http::TransportFailure::cancelled:
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    case http::TransportFailure::closed:
        info.detail = "the client was closed";
        throw SandboxUnavailableError(std::move(info));
    case http::TransportFailure::too_large:
        info.detail = "the service's answer is too large";
        throw SandboxResponseError(std::move(info));
    default:
        info.detail = std::string{"transport failed: "} + error.what();
        info.retryable = outcome.repeatable || never_sent(error.failure());
        throw SandboxUnavailableError(std::move(info));
    }
}

[[noreturn]] void raise_response_error(const Outcome::State& outcome, std::string detail)
{
    SandboxErrorInfo info;
    info.operation = outcome.operation;
    info.status = static_cast<int>(outcome.response.status);
    info.detail = std::move(detail);
    throw SandboxResponseError(std::move(info));
}

// The outcome of a call that succeeded; any other is thrown.
std::unique_ptr<Outcome::State> successful(Outcome outcome)
{
    auto state = outcome.release();
    if (state->failure) {
        try {
            std::rethrow_exception(state->failure);
        } catch (const http::TransportError& error) {
            raise(error, *state);
        }
    }
    Verdict verdict = sdk::judge(state->response.status, state->response.body);
    if (verdict.judgement != Judgement::success) {
        SandboxErrorInfo info;
        info.operation = state->operation;
        info.status = static_cast<int>(state->response.status);
        info.detail = std::move(verdict.message);
        info.error_code = std::move(verdict.error_code);
        info.retryable = verdict.judgement == Judgement::unavailable;
        raise(verdict.judgement, std::move(info));
    }
    return state;
}

constexpr unsigned no_content = 204;

// Reads a record with `read` from the text of a successful answer.
template <class Read>
auto record_in(Outcome outcome, const Read& read)
{
    const auto state = successful(std::move(outcome));
    if (state->response.status == no_content) {
        raise_response_error(*state, "the service answered without a record");
    }
    try {
        return read(state->response.body);
    } catch (const wire::ShapeError& error) {
        raise_response_error(*state, std::string{"the service returned a malformed record: "} + error.what());
    } catch (const boost::system::system_error&) {
        raise_response_error(*state, std::string{sdk::not_json});
    }
}

} // namespace

Core::Core(SandboxConfig checked_config)
    : config(std::move(checked_config))
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

template <>
DRUKBOX_API void decode<void>(Outcome outcome)
{
    const auto state = successful(std::move(outcome));
    boost::system::error_code error;
    if (state->response.status != no_content && (json::parse(state->response.body, error), error)) {
        raise_response_error(*state, std::string{sdk::not_json});
    }
}

template <>
DRUKBOX_API SandboxHost decode<SandboxHost>(Outcome outcome)
{
    return record_in(std::move(outcome),
                     [](const std::string& body) { return wire::parse_host(json::parse(body)); });
}

template <>
DRUKBOX_API std::vector<SandboxHost> decode<std::vector<SandboxHost>>(Outcome outcome)
{
    return record_in(std::move(outcome), wire::read_hosts);
}

template <>
DRUKBOX_API DoctorReport decode<DoctorReport>(Outcome outcome)
{
    return record_in(std::move(outcome),
                     [](const std::string& body) { return wire::parse_doctor_report(json::parse(body)); });
}

template <>
DRUKBOX_API HTTPProxy decode<HTTPProxy>(Outcome outcome)
{
    return record_in(std::move(outcome),
                     [](const std::string& body) { return wire::parse_http_proxy(json::parse(body)); });
}

template <>
DRUKBOX_API HTTPProxyAttachment decode<HTTPProxyAttachment>(Outcome outcome)
{
    return record_in(std::move(outcome), [](const std::string& body) {
        return wire::parse_http_proxy_attachment(json::parse(body));
    });
}

} // namespace drukbox::inline v0::detail
