#include "service/providers/aws/credentials/role.hpp"

#include "service/providers/aws/answers.hpp"
#include "service/providers/aws/query.hpp"

namespace drukbox::service::aws {
namespace {

constexpr std::string_view sts_version = "2011-06-15";

ApiClientOptions client_options(const CredentialSettings& settings)
{
    ApiClientOptions options;
    options.provider = "aws";
    options.base_url = settings.sts_url;
    options.timeout = settings.timeout;
    return options;
}

Query role_query(std::string_view action, const RoleRequest& role)
{
    Query query{action, sts_version};
    query.add("RoleArn", role.arn).add("RoleSessionName", role.session_name);
    if (!role.external_id.empty()) {
        query.add("ExternalId", role.external_id);
    }
    return query;
}

} // namespace

RoleSource::RoleSource(boost::asio::any_io_executor executor, const CredentialSettings& settings)
    : region_(settings.region)
    , sts_(std::move(executor), client_options(settings))
{
}

boost::asio::awaitable<Credentials> RoleSource::assume(RoleRequest role, Credentials with)
{
    const Query query = role_query("AssumeRole", role);
    ApiRequest request = query.request(true);
    sign(request, with, region_, "sts");
    const ApiAnswer answer = co_await sts_.send(std::move(request));
    if (!answer.ok()) {
        throw_refusal(answer, "assume the role " + role.arn);
    }
    co_return parse_assumed_role(answer.body, query.action());
}

boost::asio::awaitable<Credentials> RoleSource::assume_with_token(RoleRequest role, Redacted token)
{
    Query query = role_query("AssumeRoleWithWebIdentity", role);
    query.add("WebIdentityToken", token.reveal());
    ApiRequest request = query.request(true);
    request.secrets.push_back(token);
    const ApiAnswer answer = co_await sts_.send(std::move(request));
    if (!answer.ok()) {
        throw_refusal(answer, "assume the role " + role.arn + " with a web identity");
    }
    co_return parse_assumed_role(answer.body, query.action());
}

} // namespace drukbox::service::aws
