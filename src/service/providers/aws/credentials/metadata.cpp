#include "service/providers/aws/credentials/metadata.hpp"

#include "service/providers/aws/answers.hpp"
#include "service/remote/answer.hpp"

namespace drukbox::service::aws {
namespace {

// Elsewhere than at EC2 nobody answers at that address, ever.
constexpr std::chrono::milliseconds instance_timeout{2'000};

ApiClientOptions client_options(const std::string& url, std::chrono::milliseconds timeout)
{
    ApiClientOptions options;
    options.provider = "aws";
    options.base_url = url;
    options.timeout = timeout;
    options.http.direct = true;
    return options;
}

ApiRequest with_token(std::string path, std::string field, const Redacted& token)
{
    ApiRequest request{"GET", std::move(path)};
    request.headers.add(std::move(field), token.reveal());
    request.secrets.push_back(token);
    return request;
}

std::string first_line(const std::string& text)
{
    return text.substr(0, text.find_first_of("\r\n"));
}

} // namespace

MetadataSource::MetadataSource(boost::asio::any_io_executor executor, const CredentialSettings& settings)
    : container_(executor, client_options(settings.container_url, settings.timeout))
    , instance_(executor, client_options(settings.metadata_url, instance_timeout))
{
}

boost::asio::awaitable<Credentials> MetadataSource::of_container(Redacted token)
{
    ApiRequest request{"GET", ""};
    if (!token.empty()) {
        request = with_token("", "Authorization", token);
    }
    const ApiAnswer answer = co_await container_.send(std::move(request));
    require_success(answer, "get the container's credentials");
    co_return parse_json_credentials(answer.body);
}

boost::asio::awaitable<std::optional<Credentials>> MetadataSource::of_instance()
{
    const std::string path = "/latest/meta-data/iam/security-credentials/";
    const std::string field = "X-aws-ec2-metadata-token";
    const std::optional<Redacted> token = co_await session();
    if (!token) {
        co_return std::nullopt;
    }
    ApiRequest ask_role = with_token(path, field, *token);
    const ApiAnswer roles = co_await instance_.send(std::move(ask_role));
    if (roles.status == 404) {
        co_return std::nullopt;
    }
    require_success(roles, "name the instance's role");
    const std::string role = first_line(roles.body);
    if (role.empty()) {
        co_return std::nullopt;
    }
    ApiRequest ask = with_token(path + url_escape(role), field, *token);
    const ApiAnswer answer = co_await instance_.send(std::move(ask));
    require_success(answer, "get the credentials of the instance's role");
    co_return parse_json_credentials(answer.body);
}

boost::asio::awaitable<std::optional<Redacted>> MetadataSource::session()
{
    ApiRequest request{"PUT", "/latest/api/token"};
    request.headers.add("X-aws-ec2-metadata-token-ttl-seconds", "300");
    ApiAnswer answer;
    try {
        answer = co_await instance_.send(std::move(request));
    } catch (const ProviderError&) {
        // Not a machine of EC2, which is nothing to complain of here.
        co_return std::nullopt;
    }
    const std::string token = first_line(answer.body);
    if (!answer.ok() || token.empty()) {
        co_return std::nullopt;
    }
    co_return Redacted{token};
}

} // namespace drukbox::service::aws
