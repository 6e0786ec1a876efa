#include "service/providers/aws/image.hpp"

#include "service/providers/aws/answers.hpp"
#include "service/remote/answer.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace drukbox::service::aws {
namespace {

ServiceEndpoint ssm_endpoint(const AwsSettings& settings)
{
    ServiceEndpoint endpoint;
    endpoint.service = "ssm";
    endpoint.region = settings.region;
    endpoint.url = settings.ssm_url;
    endpoint.timeout = settings.api_timeout;
    return endpoint;
}

bool is_image_id(const std::string& text)
{
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'; };
    return text.starts_with("ami-") && text.size() <= 64 && std::ranges::all_of(text, fits);
}

} // namespace

ImageResolver::ImageResolver(boost::asio::any_io_executor executor, const AwsSettings& settings,
                             CredentialChain& chain)
    : ssm_(std::move(executor), ssm_endpoint(settings), chain)
{
}

boost::asio::awaitable<std::string> ImageResolver::resolve(std::string image)
{
    if (is_image_id(image)) {
        co_return image;
    }
    if (!image.starts_with('/')) {
        throw ProviderError("aws takes an image as ami-… or as the path of an SSM parameter");
    }
    boost::json::object body;
    body["Name"] = image;
    ApiRequest request{"POST", "/"};
    request.headers.add("Content-Type", "application/x-amz-json-1.1");
    request.headers.add("X-Amz-Target", "AmazonSSM.GetParameter");
    request.body = boost::json::serialize(body);
    request.idempotent = true;
    const std::string answer = co_await ssm_.call(std::move(request), "find the image " + image);
    std::string id = parse_parameter(answer);
    if (!is_image_id(id)) {
        throw MalformedAnswer("aws", "has no image's id in the parameter " + image);
    }
    co_return id;
}

} // namespace drukbox::service::aws
