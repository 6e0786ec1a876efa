#include "sdk/host_check.hpp"
#include "sdk/log.hpp"
#include "sdk/operation.hpp"
#include "sdk/retry_after.hpp"
#include "sdk/verdict.hpp"
#include "wire/doctor_record.hpp"
#include "wire/host_list.hpp"
#include "wire/host_record.hpp"
#include "wire/http_proxy_record.hpp"
#include "wire/litterbox_host_record.hpp"

#include <drukbox/doctor_report.hpp>
#include <drukbox/http_proxy.hpp>
#include <drukbox/http_proxy_attachment.hpp>
#include <drukbox/litterbox/sandbox_host.hpp>
#include <drukbox/sandbox_error.hpp>
#include <drukbox/sandbox_host.hpp>

#include <boost/asio/error.hpp>
#include <boost/json.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::inline v0::detail {
namespace {

namespace json = boost::json;
using sdk::Judgement;
using sdk::Verdict;

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
    info.operation = outcome.operation->name;
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
        info.retryable = outcome.operation->repeatable || never_sent(error.failure());
        raise(sdk::in_dialect(Judgement::unavailable, outcome.operation->dialect), std::move(info));
    }
}

[[noreturn]] void raise_response_error(const Outcome::State& outcome, std::string detail)
{
    SandboxErrorInfo info;
    info.operation = outcome.operation->name;
    info.status = static_cast<int>(outcome.response.status);
    info.detail = std::move(detail);
    throw SandboxResponseError(std::move(info));
}

// The outcome of a call that succeeded; any other is thrown.
std::unique_ptr<Outcome::State> successful(Outcome outcome)
{
    auto state = outcome.release();
    sdk::report(*state);
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
        info.operation = state->operation->name;
        info.status = static_cast<int>(state->response.status);
        info.detail = std::move(verdict.message);
        info.error_code = std::move(verdict.error_code);
        info.retryable = sdk::is_refused_for_now(state->response.status);
        info.retry_after = sdk::retry_after(state->response.headers);
        raise(sdk::in_dialect(verdict.judgement, state->operation->dialect), std::move(info));
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

// Parses a text and reads a record from the tree, which seldom needs memory of the heap.
template <class Record>
auto from_tree(Record (*read)(const json::value&))
{
    return [read](const std::string& text) {
        std::array<unsigned char, 8192> buffer;
        json::monotonic_resource memory{buffer.data(), buffer.size()};
        return read(json::parse(text, &memory));
    };
}

// Reads a host, or hosts, with `read`, and refuses what must not go on to ssh.
template <class Read>
auto checked(const Read& read)
{
    return [read](const std::string& text) {
        auto record = read(text);
        if constexpr (requires { record.begin(); }) {
            for (auto& host : record) {
                sdk::check(host);
            }
        } else {
            sdk::check(record);
        }
        return record;
    };
}

} // namespace

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
    return record_in(std::move(outcome), checked(from_tree(wire::parse_host)));
}

template <>
DRUKBOX_API std::vector<SandboxHost> decode<std::vector<SandboxHost>>(Outcome outcome)
{
    return record_in(std::move(outcome), checked(wire::read_hosts));
}

template <>
DRUKBOX_API DoctorReport decode<DoctorReport>(Outcome outcome)
{
    return record_in(std::move(outcome), from_tree(wire::parse_doctor_report));
}

template <>
DRUKBOX_API HTTPProxy decode<HTTPProxy>(Outcome outcome)
{
    return record_in(std::move(outcome), from_tree(wire::parse_http_proxy));
}

template <>
DRUKBOX_API HTTPProxyAttachment decode<HTTPProxyAttachment>(Outcome outcome)
{
    return record_in(std::move(outcome), from_tree(wire::parse_http_proxy_attachment));
}

template <>
DRUKBOX_API litterbox::SandboxHost decode<litterbox::SandboxHost>(Outcome outcome)
{
    return record_in(std::move(outcome), checked(from_tree(wire::parse_litterbox_host)));
}

template <>
DRUKBOX_API std::vector<litterbox::SandboxHost> decode<std::vector<litterbox::SandboxHost>>(Outcome outcome)
{
    return record_in(std::move(outcome), checked(from_tree(wire::parse_litterbox_hosts)));
}

} // namespace drukbox::inline v0::detail
