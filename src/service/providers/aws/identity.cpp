#include "service/providers/aws/identity.hpp"

namespace drukbox::service::aws {
namespace {

ServiceEndpoint sts_endpoint(const AwsSettings& settings)
{
    ServiceEndpoint endpoint;
    endpoint.service = "sts";
    endpoint.region = settings.region;
    endpoint.url = settings.sts_url;
    endpoint.timeout = settings.api_timeout;
    return endpoint;
}

} // namespace

IdentityProbe::IdentityProbe(boost::asio::any_io_executor executor, const AwsSettings& settings,
                             CredentialChain& chain)
    : sts_(std::move(executor), sts_endpoint(settings), chain)
{
}

boost::asio::awaitable<Identity> IdentityProbe::ask()
{
    const Query query{"GetCallerIdentity", "2011-06-15"};
    ApiRequest request = query.request(true);
    const std::string body = co_await sts_.call(std::move(request), "tell whose credentials these are");
    co_return parse_identity(body);
}

} // namespace drukbox::service::aws
