#include "service/providers/aws/query.hpp"

#include "service/providers/aws/answers.hpp"
#include "service/remote/answer.hpp"

#include <algorithm>
#include <array>

namespace drukbox::service::aws {
namespace {

bool is_refused_credential(const ApiAnswer& answer, const std::string& code)
{
    constexpr std::array<std::string_view, 10> codes{"AuthFailure",           "UnauthorizedOperation",
                                                     "AccessDenied",          "AccessDeniedException",
                                                     "ExpiredToken",          "ExpiredTokenException",
                                                     "InvalidClientTokenId",  "RequestExpired",
                                                     "SignatureDoesNotMatch", "UnrecognizedClientException"};
    return answer.status == 401 || answer.status == 403 || std::ranges::find(codes, code) != codes.end();
}

} // namespace

Query::Query(std::string_view action, std::string_view version)
    : action_(action)
{
    add("Action", action);
    add("Version", version);
}

Query& Query::add(std::string_view name, std::string_view value)
{
    form_ += (form_.empty() ? "" : "&") + url_escape(name) + "=" + url_escape(value);
    return *this;
}

ApiRequest Query::request(bool idempotent) const
{
    ApiRequest request{"POST", "/"};
    request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    request.body = form_;
    request.idempotent = idempotent;
    return request;
}

void sign(ApiRequest& request, const Credentials& credentials, const std::string& region,
          std::string_view service)
{
    http::AwsSignature signature;
    signature.region = region;
    signature.service = service;
    signature.access_key = credentials.access_key;
    signature.secret_key = credentials.secret_key.reveal();
    request.aws_signature = std::move(signature);
    request.secrets.push_back(credentials.secret_key);
    if (!credentials.session_token.empty()) {
        request.headers.add("X-Amz-Security-Token", credentials.session_token.reveal());
        request.secrets.push_back(credentials.session_token);
    }
}

void throw_refusal(const ApiAnswer& answer, std::string_view doing)
{
    const Failure failure = parse_failure(answer.body);
    std::string reason = "it answered " + std::to_string(answer.status);
    if (!failure.code.empty()) {
        reason = failure.code + (failure.message.empty() ? "" : ": " + failure.message);
    }
    const std::string message =
        "aws failed to " + std::string{doing} + ": " + presentable(reason, answer.secrets);
    if (is_refused_credential(answer, failure.code)) {
        throw ProviderAuthError(message);
    }
    if (answer.status >= 500) {
        throw ProviderUnavailable(message);
    }
    throw Refused(message, failure.code);
}

} // namespace drukbox::service::aws
