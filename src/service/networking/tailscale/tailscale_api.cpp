#include "service/networking/tailscale/tailscale_api.hpp"

#include "service/networking/tailscale/access_tokens.hpp"
#include "service/remote/api_client.hpp"

#include <boost/json.hpp>

namespace drukbox::service::tailscale {
namespace {

constexpr unsigned unauthorized = 401;
constexpr unsigned not_found = 404;
constexpr int auth_key_seconds = 86'400;

ApiClientOptions client_options(const TailscaleSettings& settings)
{
    ApiClientOptions options;
    options.provider = "tailscale";
    options.base_url = settings.api_url + "/api/v2";
    options.timeout = settings.api_timeout;
    return options;
}

boost::json::object auth_key_order(const std::string& host_name, const std::vector<std::string>& tags)
{
    boost::json::object create;
    create["reusable"] = false;
    create["ephemeral"] = true;
    create["preauthorized"] = true;
    create["tags"] = boost::json::array(tags.begin(), tags.end());
    boost::json::object devices;
    devices["create"] = std::move(create);
    boost::json::object capabilities;
    capabilities["devices"] = std::move(devices);
    boost::json::object order;
    order["keyType"] = "auth";
    order["description"] = "drukbox " + host_name;
    order["expirySeconds"] = auth_key_seconds;
    order["capabilities"] = std::move(capabilities);
    return order;
}

} // namespace

struct TailscaleApi::Shared
{
    Shared(const boost::asio::any_io_executor& executor, TailscaleSettings given)
        : settings(std::move(given))
        , client(executor, client_options(settings))
        , tailnet_path("/tailnet/" + url_escape(settings.tailnet))
    {
    }

    const TailscaleSettings settings;
    ApiClient client;
    std::shared_ptr<AccessTokens> tokens;
    const std::string tailnet_path;
};

TailscaleApi::TailscaleApi(boost::asio::any_io_executor executor, const TailscaleSettings& settings)
    : shared_(std::make_shared<Shared>(executor, settings))
{
    auto fetch = [weak = std::weak_ptr{shared_}] { return fetch_token(weak.lock()); };
    shared_->tokens = std::make_shared<AccessTokens>(std::move(executor), std::move(fetch));
}

TailscaleApi::~TailscaleApi() = default;

boost::asio::awaitable<AuthKey> TailscaleApi::create_auth_key(std::string host_name)
{
    const auto shared = shared_;
    ApiRequest request{"POST", shared->tailnet_path + "/keys"};
    request.set_json(auth_key_order(host_name, shared->settings.auth_tags));
    const ApiAnswer answer = co_await send(shared, std::move(request));
    require_success(answer, "create an auth key");
    const auto json = answer.json();
    co_return read_auth_key(json);
}

boost::asio::awaitable<void> TailscaleApi::delete_auth_key(std::string id)
{
    return erase(shared_, shared_->tailnet_path + "/keys/" + url_escape(id), "delete an auth key");
}

boost::asio::awaitable<std::vector<Device>> TailscaleApi::devices(Deadline deadline)
{
    const auto shared = shared_;
    // More fields than the default ones are refused for a tailnet with devices that another one shares.
    ApiRequest request{"GET", shared->tailnet_path + "/devices?fields=default"};
    request.deadline = deadline;
    const ApiAnswer answer = co_await send(shared, std::move(request));
    require_success(answer, "list its devices");
    const auto json = answer.json();
    co_return read_devices(json);
}

boost::asio::awaitable<void> TailscaleApi::delete_device(std::string id)
{
    return erase(shared_, "/device/" + url_escape(id), "delete a device");
}

boost::asio::awaitable<AccessToken> TailscaleApi::fetch_token(std::shared_ptr<Shared> shared)
{
    if (!shared) {
        throw ProviderUnavailable("tailscale is not asked any more");
    }
    const auto& settings = shared->settings;
    ApiRequest request{"POST", "/oauth/token"};
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.body = "client_id=" + url_escape(settings.oauth_client_id) +
                   "&client_secret=" + url_escape(settings.oauth_client_secret.reveal()) +
                   "&grant_type=client_credentials";
    request.secrets.push_back(settings.oauth_client_secret);
    const ApiAnswer answer = co_await shared->client.send(std::move(request));
    require_success(answer, "grant an access token");
    const auto json = answer.json();
    co_return read_access_token(json);
}

/// What is gone already is a success.
boost::asio::awaitable<void> TailscaleApi::erase(std::shared_ptr<Shared> shared, std::string path,
                                                 std::string_view doing)
{
    ApiRequest request{"DELETE", std::move(path)};
    const ApiAnswer answer = co_await send(std::move(shared), std::move(request));
    if (answer.status != not_found) {
        require_success(answer, doing);
    }
}

/// A token that is refused may have been revoked: the call is tried once more with a new one.
boost::asio::awaitable<ApiAnswer> TailscaleApi::send(std::shared_ptr<Shared> shared, ApiRequest request)
{
    for (bool first = true;; first = false) {
        const Redacted token = co_await shared->tokens->get();
        ApiRequest attempt = request;
        attempt.headers.add("Authorization", "Bearer " + token.reveal());
        attempt.headers.add("Accept", "application/json");
        attempt.secrets.push_back(token);
        ApiAnswer answer = co_await shared->client.send(std::move(attempt));
        if (answer.status != unauthorized) {
            co_return answer;
        }
        shared->tokens->forget(token);
        if (!first) {
            co_return answer;
        }
    }
}

} // namespace drukbox::service::tailscale
